import {
  type Clock,
  createDeadline,
  createIdentity,
  type JobContext,
  type JobOutcome,
  type Lease,
  type Logger,
  silentLogger,
  systemClock,
} from '@worker-recycler/core'
import { onTestFinished } from 'vitest'
import type { Job } from '../../src/claim/run-job.ts'
import type { RedisFetchOptions } from '../../src/options.ts'
import { type RedisFetch, redisFetch } from '../../src/redis-fetch.ts'

/** One run of a handler, ended by hand. */
interface Run {
  readonly job: Job
  readonly context: JobContext
  finish(): void
  fail(error: unknown): void
}

/** A line that the worker logged. */
interface Logged {
  readonly level: string
  readonly message: string
  readonly fields: object
}

/** A worker in this process; its jobs are named `paint` and `glaze`. */
export interface InProcessWorker {
  readonly identity: string
  readonly source: RedisFetch
  readonly runs: Run[]
  readonly settled: { readonly id: string; readonly outcome: JobOutcome }[]
  readonly failures: unknown[]
  readonly logged: Logged[]
  /** How many jobs ran at once, at most. */
  readonly most: number
  start(signal?: AbortSignal): Promise<void>
  quiesce(): Promise<void>
  stop(): Promise<void>
  lease(id: string): Lease
  /** The messages that were logged, without their fields. */
  said(message: RegExp): Logged[]
  /** Resolves when the condition holds; looked at whenever something is told. */
  until(condition: () => boolean): Promise<void>
  /** Resolves with the run of that job, once its handler is entered. */
  run(id: string): Promise<Run>
}

export interface InProcessOptions extends Partial<RedisFetchOptions> {
  readonly clock?: Clock
  readonly identity?: string
  /** Jobs end by themselves. */
  readonly auto?: boolean
}

const { signal: idle } = new AbortController()

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
  const logged: Logged[] = []
  const waiting = new Set<() => void>()
  let running = 0
  let most = 0
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
  const handler = (job: Job, context: JobContext): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    return new Promise<void>((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof Error ? error : new Error(String(error)))
      runs.push({ job, context, finish: resolve, fail })
      if (auto) setImmediate(resolve)
      told()
    }).finally(() => {
      running -= 1
    })
  }
  const source = redisFetch({
    heartbeat: 'loop',
    adoptMs: Infinity,
    handlers: { paint: handler, glaze: handler },
    ...options,
  })
  const stop = async () => {
    for (const run of runs) run.finish()
    await source.stop({ signal: idle })
  }
  onTestFinished(stop)
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!condition()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })

  return {
    identity,
    source,
    runs,
    settled,
    failures,
    logged,
    get most() {
      return most
    },
    quiesce: async () => source.quiesce({ signal: idle }),
    stop,
    start: async (signal = idle) =>
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
    said: (message) => logged.filter((line) => message.test(line.message)),
    until,
    run: async (id) => {
      const find = () => runs.findLast(({ job }) => job.id === id)
      await until(() => find() !== undefined)
      return find()!
    },
  }
}
