import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { bundledPrograms } from '../../../../test/bundle.ts'

/** How the command ended, and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly errors: string
}

/** The command while it runs. */
export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when what it has written, to either stream, matches. */
  readonly until: (pattern: RegExp) => Promise<void>
}

/** Environment of one run, besides the PATH. */
export type Environment = Readonly<Record<string, string>>

/** Makes the real command ready for the tests of one file. */
export function command(): {
  readonly start: (args: readonly string[], env?: Environment) => RunningCommand
  readonly run: (args: readonly string[], env?: Environment) => Promise<Ended>
  /** Runs it with `--json`; its exit code and what it wrote. */
  readonly json: (
    args: readonly string[],
    env?: Environment,
  ) => Promise<{ readonly code: number | null; readonly value: unknown }>
  /** Starts it in a terminal of 80 by 10 characters, by script(1); its input is the keyboard. */
  readonly startInTerminal: (args: readonly string[], env?: Environment) => RunningCommand
} {
  const source = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const program = bundledPrograms({ cli: source })
  const start = (args: readonly string[], env?: Environment) =>
    observed(process.execPath, [program('cli'), ...args], env)
  const run = (args: readonly string[], env?: Environment) => start(args, env).ended
  return {
    start,
    run,
    json: async (args, env) => {
      const { code, out, errors } = await run([...args, '--json'], env)
      if (out === '') throw new Error(errors)
      return { code, value: JSON.parse(out) as unknown }
    },
    startInTerminal: (args, env) => {
      const words = [process.execPath, program('cli'), ...args].map((word) => `'${word}'`)
      const line = `stty cols 80 rows 10; exec ${words.join(' ')}`
      return observed('script', ['--quiet', '--return', '--command', line, '/dev/null'], env)
    },
  }
}

function observed(file: string, args: readonly string[], env: Environment = {}): RunningCommand {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, errors] = ['', '']
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const watcher of watchers) watcher()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
    wake()
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    out,
    errors,
  }))
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => {
        if (!pattern.test(out) && !pattern.test(errors)) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
      void ended.then(() => reject(new Error(`it ended without ${pattern}: ${out}${errors}`)))
    })
  return { child, ended, until }
}
