import { spawnSync } from 'node:child_process'

/** Runs a program in Ruby with Sidekiq loaded; throws with what Ruby says when it fails. */
export function ruby(program: string, input: string | Buffer): string {
  const { status, stdout, stderr, error } = spawnSync('ruby', ['-rsidekiq', '-e', program], {
    input,
    encoding: 'utf8',
    // Whatever the locale: Sidekiq reads UTF-8 from Redis, too.
    env: { ...process.env, RUBYOPT: '-W0 -EUTF-8:UTF-8' },
  })
  if (status === 0) return stdout
  throw new Error(`ruby: ${error?.message ?? stderr.trim()}`)
}

/** Why there is no Sidekiq here; undefined when there is. */
export function reasonWithoutSidekiq(): string | undefined {
  try {
    ruby('exit 0', '')
    return undefined
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? 'ruby') : String(error)
  }
}
