import {
  type Clock,
  createDeadline,
  createIdentity,
  type JobContext,
  type JobOutcome,
  type Lease,
  type Logger,
  RecycleAbort,
  silentLogger,
  systemClock,
} from '@worker-recycler/core'
import {
  type FileFetch,
  fileFetch,
  type FileFetchOptions,
  type Job,
} from '@worker-recycler/file-fetch'
import { onTestFinished } from 'vitest'

/** One run of a handler, ended by hand. */
interface Run {
  readonly job: Job
  readonly context: JobContext
  finish(): void
  fail(error: unknown): void
}

/** A worker in this process; its jobs are named `paint` and `glaze`. */
export interface InProcessWorker {
  readonly identity: string
  readonly source: FileFetch
  readonly runs: Run[]
  readonly settled: { readonly id: string; readonly outcome: JobOutcome }[]
  readonly failures: unknown[]
  readonly logged: { readonly level: string; readonly message: string; readonly fields: object }[]
  start(): Promise<void>
  stop(): Promise<void>
  lease(id: string): Lease
  /** Resolves when the condition holds; looked at whenever something is told. */
  until(condition: () => boolean): Promise<void>
}

export interface InProcessOptions extends Partial<FileFetchOptions> {
  readonly dir: string
  readonly clock?: Clock
  readonly identity?: string
  /** Jobs end by themselves. */
  readonly auto?: boolean
}

const signal = new AbortController().signal

/** A reason to abort a job with. */
export const abortReason = (): RecycleAbort => new RecycleAbort('stop', [], 0)

/** Makes a worker that the end of the test stops. */
export function inProcessWorker({
  clock = systemClock,
  identity = createIdentity(),
  auto = false,
  ...options
}: InProcessOptions): InProcessWorker {
  const runs: Run[] = []
  const settled: { id: string; outcome: JobOutcome }[] = []
  const failures: unknown[] = []
  const logged: InProcessWorker['logged'] = []
  const waiting = new Set<() => void>()
  const told = () => {
    for (const look of waiting) look()
  }
  const log = (level: string) => (fields: object, message: string) => {
    logged.push({ level, message, fields })
    told()
  }
  const logger: Logger = {
    ...silentLogger,
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
  }
  const handler = (job: Job, context: JobContext): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof Error ? error : new Error(String(error)))
      runs.push({ job, context, finish: resolve, fail })
      if (auto) resolve()
      told()
    })
  const source = fileFetch({ handlers: { paint: handler, glaze: handler }, ...options })
  const stop = async () => {
    for (const run of runs) run.finish()
    await source.stop({ signal })
  }
  onTestFinished(stop)

  return {
    identity,
    source,
    runs,
    settled,
    failures,
    logged,
    stop,
    start: () =>
      source.start(
        {
          identity,
          clock,
          logger,
          deadline: createDeadline(clock),
          jobStarted: told,
          jobSettled: ({ id }, outcome) => {
            settled.push({ id, outcome })
            told()
          },
          failed: (error) => {
            failures.push(error)
            told()
          },
        },
        { signal },
      ),
    lease: (id) => {
      const found = source.inFlight().find((lease) => lease.id === id)
      if (!found) throw new Error(`${id} is not in flight`)
      return found
    },
    until: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          if (!condition()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
