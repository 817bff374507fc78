import {
  type CallOptions,
  type Clock,
  type Logger,
  type RecoveredJob,
  type RecoverReport,
  type RecoverRequest,
  silentLogger,
  systemClock,
} from '@worker-recycler/core'
import { checkConnection } from './driver/connection.ts'
import type { Driver } from './driver/driver.ts'
import { openDriver } from './driver/ioredis-driver.ts'
import { unreachable } from './driver/storage-error.ts'
import { watched } from './driver/watched.ts'
import type { Fleet } from './fleet.ts'
import { layoutOf } from './layout/layouts.ts'
import { checkMaxInterruptions, type StorageOptions } from './options.ts'
import {
  createEnqueue,
  type Enqueue,
  type EnqueueOptions,
  type EnqueueResult,
  type NewJob,
} from './queue/enqueue.ts'
import { knownQueues } from './queue/known-queues.ts'
import { type FleetStatus, readStatus } from './queue/status.ts'
import { createStoppedJobs, type StoppedJobs } from './queue/stopped-jobs.ts'
import { createAdopter } from './recovery/adopt.ts'
import { recover } from './recovery/recover.ts'

/** How a queue is reached by those who run no jobs: producers, supervisors, operators. */
export interface RedisQueueOptions extends StorageOptions {
  /** Interruptions after which `recover` puts a job into quarantine; as the workers have it. Defaults to 3. */
  readonly maxInterruptions?: number
  /** Defaults to the system's clock. */
  readonly clock?: Clock
  /** Defaults to silence. */
  readonly logger?: Logger
}

/** The producer's, the supervisor's and the operator's side. Connects at the first call. */
export interface RedisQueue {
  /**
   * Adds a job. Rejects with `STORAGE_UNREACHABLE` when the server did not answer: the job may have been
   * enqueued. With an `id` the call can be repeated.
   */
  enqueue(name: string, payload: unknown, options?: EnqueueOptions): Promise<EnqueueResult>
  enqueueMany(jobs: readonly NewJob[]): Promise<readonly EnqueueResult[]>
  status(): Promise<FleetStatus>
  /**
   * Puts back what a dead worker held, on the word of its supervisor. Idempotent. Without a name there
   * is nobody to recover: who is silent can only be judged by somebody who watches.
   */
  recover(request: RecoverRequest, options?: Partial<CallOptions>): Promise<RecoverReport>
  /** Puts back the lists of workers that are registered nowhere. Costs a SCAN. */
  adopt(options?: Partial<CallOptions>): Promise<readonly RecoveredJob[]>
  readonly quarantine: StoppedJobs
  readonly dead: StoppedJobs
  /** Closes the connection. Idempotent. */
  close(): Promise<void>
}

/** How long the first call waits for a connection. */
const CONNECT_MS = 10_000

/**
 * Opens the queues for producers, supervisors and operators. Throws a TypeError for invalid options;
 * touches nothing before the first call.
 */
export function redisQueue(options: RedisQueueOptions): RedisQueue {
  const { clock = systemClock, logger = silentLogger } = options
  const connection = checkConnection(options)
  const layout = layoutOf(options.layout ?? 'native', options.prefix)
  const recovery = {
    maxInterruptions: checkMaxInterruptions(options.maxInterruptions),
    by: 'notice',
  }
  let driver: Driver | undefined
  let connecting: Promise<void> | undefined
  let write: Enqueue | undefined

  const fleet = async (signal?: AbortSignal): Promise<Fleet> => {
    driver ??= watched(openDriver(connection, 'queue', logger), clock)
    // One wait for all who call meanwhile.
    connecting ??= readyWithin(driver, clock).finally(() => {
      connecting = undefined
    })
    await (signal ? untilAborted(connecting, signal) : connecting)
    return { driver, layout, clock, logger }
  }
  const queues = async (): Promise<string[]> => knownQueues(await fleet())
  const enqueueMany = async (jobs: readonly NewJob[]): Promise<EnqueueResult[]> => {
    const ready = await fleet()
    write ??= createEnqueue(ready)
    return write(jobs)
  }

  return {
    enqueue: async (name, payload, more = {}) => {
      const [result] = await enqueueMany([{ ...more, name, payload }])
      return result ?? { id: '', outcome: 'duplicate' }
    },
    enqueueMany,
    status: async () => readStatus(await fleet()),
    recover: async (request, { signal = new AbortController().signal } = {}) =>
      recover(await fleet(signal), request, async () => [], recovery, signal),
    adopt: async ({ signal } = {}) => createAdopter(await fleet(signal), recovery).adopt(signal),
    quarantine: createStoppedJobs(fleet, 'quarantine', queues),
    dead: createStoppedJobs(fleet, 'dead', queues),
    close: async () => driver?.close(),
  }
}

async function readyWithin(driver: Driver, clock: Clock): Promise<void> {
  const late = new AbortController()
  const cancel = clock.setTimer(CONNECT_MS, () =>
    late.abort(unreachable(`The server did not answer within ${CONNECT_MS / 1000} s`)),
  )
  try {
    await driver.ready(late.signal)
  } finally {
    cancel()
  }
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
