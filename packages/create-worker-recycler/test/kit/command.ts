import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** What makes Node.js run the workspace's sources. */
export const sources: readonly string[] = [
  '--import',
  'tsx',
  '--conditions=@worker-recycler/source',
]

/** How the command ended, and what it wrote. */
interface Ended {
  readonly code: number | null
  readonly out: string
  readonly errors: string
}

/** The command while it runs. */
export interface RunningCommand {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when what it has written matches. */
  readonly until: (pattern: RegExp) => Promise<void>
}

/** Runs the real command in that directory, without a terminal, to its end. */
export function run(cwd: string, ...args: string[]): Promise<Ended> {
  return observed(process.execPath, [...sources, source, ...args], cwd).ended
}

/** Starts it in a terminal, by script(1); its input is the keyboard. */
export function startInTerminal(cwd: string, ...args: string[]): RunningCommand {
  const words = [process.execPath, ...sources, source, ...args].map((word) => `'${word}'`)
  const line = `stty cols 100 rows 30; exec ${words.join(' ')}`
  return observed('script', ['--quiet', '--return', '--command', line, '/dev/null'], cwd)
}

function observed(file: string, args: readonly string[], cwd: string): RunningCommand {
  const child = spawn(file, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, errors] = ['', '']
  const watchers = new Set<() => void>()
  const heard = () => {
    for (const watcher of watchers) watcher()
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    heard()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
    heard()
  })
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    out,
    errors,
  }))
  const until = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => {
        if (!pattern.test(out)) return
        watchers.delete(watcher)
        resolve()
      }
      watchers.add(watcher)
      watcher()
      void ended.then(() => reject(new Error(`it ended without ${pattern}: ${out}${errors}`)))
    })
  return { child, ended, until }
}
