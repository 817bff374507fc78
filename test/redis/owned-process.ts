import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { programPath } from './redis-binary.ts'

/** How a process ended. */
interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that dies with this process, and what it has printed. */
export interface OwnedProcess {
  readonly pid: number
  /** Each line of its stdout and stderr so far. */
  readonly lines: readonly string[]
  /** Resolves with the first line, past or to come, that matches; rejects when it ends without one. */
  untilLine(pattern: RegExp): Promise<string>
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void
  /** Sends a signal, and resolves when the process is gone. Defaults to SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<ProcessEnd>
  readonly exited: Promise<ProcessEnd>
}

const running = new Set<ChildProcess>()
let watching = false

/** One listener for all of them: Node warns of more than ten. */
function killAtExit(child: ChildProcess): void {
  running.add(child)
  child.once('exit', () => running.delete(child))
  if (watching) return
  watching = true
  process.on('exit', () => {
    for (const each of running) each.kill('SIGKILL')
  })
}

/** Starts a program. On Linux the kernel kills it also when this process is killed with SIGKILL. */
export async function startOwned(
  command: string,
  args: readonly string[],
  { cwd, env = process.env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<OwnedProcess> {
  const setpriv = process.platform === 'linux' ? programPath('setpriv') : undefined
  const wrapper = ['--pdeathsig', 'KILL', command]
  const child = spawn(setpriv ?? command, [...(setpriv === undefined ? [] : wrapper), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
  killAtExit(child)
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const listener of listeners) listener(line)
    })
  }
  // After its last line, unlike `exit`.
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  await once(child, 'spawn')

  return {
    pid: child.pid!,
    lines,
    exited,
    untilLine: (pattern) =>
      new Promise((resolve, reject) => {
        const past = lines.find((line) => pattern.test(line))
        if (past !== undefined) return resolve(past)
        const listener = (line: string) => {
          if (!pattern.test(line)) return
          listeners.delete(listener)
          resolve(line)
        }
        listeners.add(listener)
        void exited.then(({ code, signal }) => {
          const words = lines.slice(-20).join('\n')
          reject(new Error(`${command} ended (${code ?? signal}) before ${pattern}:\n${words}`))
        })
      }),
    signal: (signal) => void child.kill(signal),
    kill: (signal = 'SIGKILL') => {
      child.kill(signal)
      return exited
    },
  }
}
