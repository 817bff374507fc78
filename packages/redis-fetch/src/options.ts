import type { RescueStrategies, Retries } from '@worker-recycler/core'
import type { QueueOrder } from './claim/order.ts'
import type { Handler } from './claim/run-job.ts'
import { checkConnection, type ConnectionOptions } from './driver/connection.ts'
import { checkJobName, checkPrefix, checkQueueName } from './layout/queue-name.ts'

/** Where the jobs are, and how they are written there. */
export interface StorageOptions extends ConnectionOptions {
  /**
   * `native`: ours, safe in a Cluster. `sidekiq`: the keys and the JSON of Sidekiq and of the GitLab
   * fetcher, so that Ruby and Node.js share queues; not for a Cluster. Defaults to `native`.
   */
  readonly layout?: 'native' | 'sidekiq'
  /** Before all keys: one for each fleet. Defaults to `wr`, in the `sidekiq` layout to nothing. */
  readonly prefix?: string
}

/** How a worker takes its jobs from Redis. */
export interface RedisFetchOptions extends StorageOptions {
  /** What is done with a job, by its name. */
  readonly handlers: Readonly<Record<string, Handler>>
  /** The queues. Defaults to `['default']`. */
  readonly queues?: readonly string[]
  /** Which queue is asked first: `strict`, `round-robin`, or a weight for each. Defaults to `strict`. */
  readonly order?: QueueOrder
  /** How many jobs run at once. Defaults to 10. */
  readonly concurrency?: number
  /** What is done with a job that was interrupted before, by its name. Defaults to running it again. */
  readonly rescue?: RescueStrategies
  readonly retries?: Retries
  /** Interruptions that a job is blamed for, after which it goes to quarantine. Defaults to 3. */
  readonly maxInterruptions?: number
  /** Dead jobs that are kept, of each queue. Defaults to 10,000. */
  readonly keepDead?: number
  /**
   * A name that this worker's successor will have too, and no other worker at the same time, such as
   * `worker-1`: the successor puts back what a killed predecessor held as it starts. Defaults to none.
   */
  readonly name?: string
  /**
   * How long a silent worker counts as alive, in ms: at least 1000. It renews three times in that time. Defaults
   * to 12,000.
   */
  readonly leaseMs?: number
  /**
   * What renews the lease: a `thread` of its own, which a blocked event loop does not stop, or the
   * event `loop`. Defaults to `thread`.
   */
  readonly heartbeat?: 'thread' | 'loop'
  /**
   * How often lists of workers that are registered nowhere are looked for, which costs a SCAN of the
   * database. `Infinity`: never. Defaults to 5 min in the `sidekiq` layout, to never in the native one.
   */
  readonly adoptMs?: number
}

/** The same, validated and complete. */
export interface ResolvedOptions {
  readonly connection: ConnectionOptions
  readonly layout: 'native' | 'sidekiq'
  readonly prefix: string | undefined
  readonly handlers: Readonly<Record<string, Handler>>
  readonly queues: readonly string[]
  readonly order: QueueOrder
  readonly concurrency: number
  readonly rescue: RescueStrategies
  readonly retries: Required<Retries>
  readonly maxInterruptions: number
  readonly keepDead: number
  readonly name: string | undefined
  readonly leaseMs: number
  readonly heartbeat: 'thread' | 'loop'
  readonly adoptMs: number
}

/** Defaults, then validation. Throws a TypeError that names the option. */
export function resolveOptions(options: RedisFetchOptions): ResolvedOptions {
  const { handlers, queues = ['default'], rescue = {}, retries = {}, name } = options
  if (queues.length === 0 || new Set(queues).size !== queues.length) {
    throw new TypeError(
      `Expected \`queues\` to be distinct and at least one, got ${JSON.stringify(queues)}`,
    )
  }
  for (const [job, handler] of Object.entries(handlers)) {
    checkJobName(job)
    if (typeof handler !== 'function') {
      throw new TypeError(`Expected \`handlers.${job}\` to be a function, got ${typeof handler}`)
    }
  }
  const layout = oneOf('layout', options.layout ?? 'native', ['native', 'sidekiq'])
  return Object.freeze({
    connection: checkConnection(options),
    layout,
    prefix: options.prefix === undefined ? undefined : checkPrefix(options.prefix),
    handlers: { ...handlers },
    queues: queues.map(checkQueueName),
    order: checkOrder(options.order ?? 'strict', queues),
    concurrency: checkNumber('concurrency', options.concurrency ?? 10, 1, true),
    rescue,
    retries: {
      maxAttempts: checkNumber('retries.maxAttempts', retries.maxAttempts ?? 25, 1),
      baseMs: checkNumber('retries.baseMs', retries.baseMs ?? 1000, 0),
      maxMs: checkNumber('retries.maxMs', retries.maxMs ?? 6 * 60 * 60 * 1000, 0),
    },
    maxInterruptions: checkMaxInterruptions(options.maxInterruptions),
    keepDead: checkNumber('keepDead', options.keepDead ?? 10_000, 0, true),
    name: name === undefined ? undefined : checkQueueName(name),
    leaseMs: checkNumber('leaseMs', options.leaseMs ?? 12_000, 1000, true),
    heartbeat: oneOf('heartbeat', options.heartbeat ?? 'thread', ['thread', 'loop']),
    adoptMs: checkNumber(
      'adoptMs',
      options.adoptMs ?? (layout === 'sidekiq' ? 300_000 : Infinity),
      1000,
    ),
  })
}

/** Throws a TypeError for what is no number of interruptions. Defaults to 3. */
export function checkMaxInterruptions(value = 3): number {
  return checkNumber('maxInterruptions', value, 1)
}

function checkOrder(order: QueueOrder, queues: readonly string[]): QueueOrder {
  if (typeof order === 'string')
    return oneOf<'strict' | 'round-robin'>('order', order, ['strict', 'round-robin'])
  for (const [queue, weight] of Object.entries(order)) {
    if (!queues.includes(queue)) {
      throw new TypeError(
        `Expected \`order\` to weigh the queues, got "${queue}", which is none of them`,
      )
    }
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new TypeError(`Expected \`order.${queue}\` to be a number above 0, got ${weight}`)
    }
  }
  return { ...order }
}

function oneOf<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new TypeError(
    `Expected \`${name}\` to be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`,
  )
}

function checkNumber(name: string, value: unknown, min: number, finite = false): number {
  if (typeof value === 'number' && value >= min && (!finite || Number.isFinite(value))) return value
  throw new TypeError(
    `Expected \`${name}\` to be a ${finite ? 'finite ' : ''}number of at least ${min}, got ${String(value)}`,
  )
}
