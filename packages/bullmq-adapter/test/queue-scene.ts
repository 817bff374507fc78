import { randomUUID } from 'node:crypto'
import {
  bullmqSource,
  type BullmqSource,
  type BullmqSourceOptions,
} from '@worker-recycler/bullmq-adapter'
import { createIdentity, silentLogger, systemClock } from '@worker-recycler/core'
import type { Processor, Queue, Worker, WorkerOptions } from 'bullmq'
import { onTestFinished } from 'vitest'
import type { SharedRedis } from '../../../test/redis/shared-redis.ts'
import type { Bullmq } from './bullmq-versions.ts'

/** A worker whose source was started, as core would. */
export interface SceneWorker {
  readonly worker: Worker
  readonly source: BullmqSource
  readonly identity: string
  /** How leases ended, by id. */
  readonly outcomes: ReadonlyMap<string, string>
  readonly failures: readonly unknown[]
  quiesce(): Promise<void>
  /** Resolves with how the lease ended, once it has. */
  outcome(id: string): Promise<string>
}

/** A queue of its own for one test. */
export interface QueueScene {
  readonly prefix: string
  readonly queue: Queue
  readonly connection: { readonly host: string; readonly port: number }
  start(
    processor: Processor | string,
    settings?: Partial<WorkerOptions>,
    options?: BullmqSourceOptions,
  ): Promise<SceneWorker>
  /** A field of a job's hash. */
  field(id: string, name: string): Promise<unknown>
  /** Ids in a list of the queue, the one that is taken next last. */
  list(type: string): Promise<unknown>
}

/** A signal that never aborts. */
export const calm = (): { signal: AbortSignal } => ({ signal: new AbortController().signal })

/** Makes the scene; the end of the test closes everything. */
export function queueScene({ Worker, Queue }: Bullmq, redis: SharedRedis): QueueScene {
  const prefix = `t${randomUUID()}`
  const connection = { host: '127.0.0.1', port: redis.server().port }
  const queue = new Queue('paint', { prefix, connection })
  onTestFinished(() => queue.close())
  const key = (type: string) => `${prefix}:paint:${type}`

  return {
    prefix,
    queue,
    connection,
    start: async (processor, settings, options) => {
      const worker = new Worker('paint', processor, { prefix, connection, ...settings })
      const source = bullmqSource(worker, options)
      return startSource(source, worker)
    },
    field: (id, name) => redis.raw().text('HGET', key(id), name),
    list: (type) => redis.raw().text('LRANGE', key(type), 0, -1),
  }
}

/** Starts a source, and follows what it tells. */
export async function startSource(source: BullmqSource, worker: Worker): Promise<SceneWorker> {
  const identity = createIdentity()
  const outcomes = new Map<string, string>()
  const waiting = new Map<string, (outcome: string) => void>()
  const failures: unknown[] = []
  onTestFinished(() => source.stop(calm()))
  await source.start(
    {
      identity,
      clock: systemClock,
      logger: silentLogger,
      deadline: { remainingMs: () => Infinity },
      jobStarted: () => {},
      jobSettled: ({ id }, outcome) => {
        outcomes.set(id, outcome)
        waiting.get(id)?.(outcome)
      },
      failed: (error) => void failures.push(error),
    },
    calm(),
  )
  return {
    worker,
    source,
    identity,
    outcomes,
    failures,
    quiesce: () => source.quiesce(calm()),
    outcome: (id) =>
      new Promise((resolve) => {
        const known = outcomes.get(id)
        if (known === undefined) waiting.set(id, resolve)
        else resolve(known)
      }),
  }
}

/** A processor that is entered, and ends when it is told to. */
export interface Held {
  readonly processor: Processor
  /** Resolves with the signal of the job, once its processor was entered. */
  entered(id: string): Promise<AbortSignal | undefined>
  finish(id: string): void
}

/** Makes one. */
export function holding(): Held {
  const entered = new Map<string, AbortSignal | undefined>()
  const waiting = new Map<string, (signal: AbortSignal | undefined) => void>()
  const ends = new Map<string, () => void>()
  onTestFinished(() => {
    for (const end of ends.values()) end()
  })
  return {
    processor: (job, _token, signal) => {
      const id = job.id ?? ''
      entered.set(id, signal)
      waiting.get(id)?.(signal)
      return new Promise<void>((resolve) => void ends.set(id, resolve))
    },
    entered: (id) =>
      new Promise((resolve) => {
        if (entered.has(id)) resolve(entered.get(id))
        else waiting.set(id, resolve)
      }),
    finish: (id) => ends.get(id)?.(),
  }
}
