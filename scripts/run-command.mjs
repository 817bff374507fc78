import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fail } from './say.mjs'
import { pinnedPnpm, root } from './workspace.mjs'

/** `node` is this very one, `pnpm` the pinned one, all else comes from `node_modules/.bin` or PATH. */
function resolve(command, args) {
  if (command === 'node') return [process.execPath, args]
  if (command === 'pnpm') return ['npx', ['--yes', pinnedPnpm(), ...args]]
  return [command, args]
}

/** Runs the command in place of this process: same streams, same signals, same end. */
export function runCommand(name, rest) {
  const [command, args] = resolve(name, rest)
  const bin = join(root, 'node_modules', '.bin')
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(command, args, { stdio: 'inherit', env })

  // A terminal sends Ctrl-C to the child as well; a second copy would read as "stop at once".
  const interactive = process.stdin.isTTY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !interactive) child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`${name} could not be run: ${error.message}`, 127))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // Only where that signal does not end a process.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000)
  })
}
