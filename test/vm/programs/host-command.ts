// The command `worker-recycler-systemd` itself. Of a package without side effects, the bundler would leave
// out a module that is imported for nothing else.
await import('../../../packages/systemd-adapter/src/cli/main.ts')
