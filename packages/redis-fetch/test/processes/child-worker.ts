import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { WorkerCommand, WorkerEvent, WorkerFixture } from '../fixtures/worker.ts'

/** The worker fixture, running. */
export interface ChildWorker {
  readonly child: ChildProcess
  readonly identity: string
  readonly events: readonly WorkerEvent[]
  /** Resolves when one of its events, past or to come, is the one looked for; rejects when it ends before. */
  until(wanted: (event: WorkerEvent) => boolean): Promise<void>
  /** Resolves when it runs that job. */
  runs(id: string): Promise<void>
  tell(command: WorkerCommand): void
  /** Sends a signal, and waits until it is gone. Defaults to SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<ChildEnd>
  readonly exited: Promise<ChildEnd>
}

/** How a child ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: string | null
}

/** Starts a program that talks over IPC; the end of the test kills it. What it says on stderr is kept. */
export function startChild(
  program: string,
  argument: unknown,
): { child: ChildProcess; exited: Promise<ChildEnd>; said: () => string } {
  const child = fork(program, [JSON.stringify(argument)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { child, exited, said: () => said }
}

/** Starts the worker; resolves when it fetches. */
export async function startWorker(program: string, fixture: WorkerFixture): Promise<ChildWorker> {
  const { child, exited, said } = startChild(program, fixture)
  const events: WorkerEvent[] = []
  const listeners = new Set<(event: WorkerEvent) => void>()
  child.on('message', (event: WorkerEvent) => {
    events.push(event)
    for (const listener of listeners) listener(event)
  })
  const until = (wanted: (event: WorkerEvent) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (events.some(wanted)) return resolve()
      const listener = (event: WorkerEvent) => {
        if (!wanted(event)) return
        listeners.delete(listener)
        resolve()
      }
      listeners.add(listener)
      void exited.then(({ code, signal }) =>
        reject(new Error(`the worker ended (${code ?? signal}) before it told so:\n${said()}`)),
      )
    })
  await until(({ event }) => event === 'ready')
  const ready = events.find((event) => event.event === 'ready')
  return {
    child,
    identity: ready?.event === 'ready' ? ready.identity : '',
    events,
    until,
    runs: (id) => until((event) => event.event === 'entered' && event.id === id),
    tell: (command) => void child.send(command),
    kill: (signal = 'SIGKILL') => {
      child.kill(signal)
      return exited
    },
    exited,
  }
}
