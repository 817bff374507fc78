import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { WorkerCommand, WorkerEvent, WorkerFixture } from './fixtures/worker.ts'

/** The worker fixture, running. */
export interface ChildWorker {
  readonly child: ChildProcess
  readonly identity: string
  readonly events: readonly WorkerEvent[]
  /** Resolves when one of its events, past or to come, is the one looked for. */
  until(wanted: (event: WorkerEvent) => boolean): Promise<void>
  onEvent(listener: (event: WorkerEvent) => void): void
  tell(command: WorkerCommand): void
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>
  /** How it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
}

/** Starts the fixture; resolves when it fetches. The end of the test kills it. */
export async function startChild(
  bundle: string,
  fixture: WorkerFixture,
  wrapper: readonly string[] = [],
): Promise<ChildWorker> {
  const [execPath, ...rest] = wrapper
  const child = fork(bundle, [JSON.stringify(fixture)], {
    execPath: execPath ?? process.execPath,
    execArgv: execPath === undefined ? [] : [...rest, process.execPath],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
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
        reject(new Error(`the worker ended (${code ?? signal}) before it told so`)),
      )
    })
  await until(({ event }) => event === 'ready')
  const ready = events.find((event) => event.event === 'ready')
  return {
    child,
    identity: ready?.event === 'ready' ? ready.identity : '',
    events,
    until,
    onEvent: (listener) => void listeners.add(listener),
    tell: (command) => void child.send(command),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
    exited,
  }
}
