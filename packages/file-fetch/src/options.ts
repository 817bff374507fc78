import type { RescueStrategies, Retries } from '@worker-recycler/core'
import type { Fsync } from './directory/queue-directory.ts'
import { checkJobName, checkQueueName } from './names/valid-name.ts'
import type { Handler } from './worker/run-job.ts'

/** How a worker takes its jobs from a directory. */
export interface FileFetchOptions {
  /** The directory, on a local file system. Made when it is missing. */
  readonly dir: string
  /** What is done with a job, by its name. */
  readonly handlers: Readonly<Record<string, Handler>>
  /** The queues, in strict order: a later one is served while the earlier ones are empty. Defaults to `['default']`. */
  readonly queues?: readonly string[]
  /** How many jobs run at once. Defaults to 10. */
  readonly concurrency?: number
  /** What is done with a job that was interrupted before, by its name. Defaults to running it again. */
  readonly rescue?: RescueStrategies
  readonly retries?: Retries
  /** Interruptions that a job is blamed for, after which it goes to quarantine. Defaults to 3. */
  readonly maxInterruptions?: number
  /** Defaults to `enqueue`; as a worker never enqueues, only `always` makes a difference here. */
  readonly fsync?: Fsync
  /**
   * Renews the worker's record this often, for judges on other hosts and in other containers; 0 does
   * not. Defaults to 3 s inside a container's pid namespace, else to 0.
   */
  readonly heartbeatMs?: number
  /** How often it looks for dead workers. Defaults to 10 s. */
  readonly sweepMs?: number
  /** Completed jobs that are kept; `Infinity` keeps all. Defaults to 1000. */
  readonly keepCompleted?: number
  /** Lists the queues this often even if the file system reports no change. Defaults to 30 s. */
  readonly safetyPollMs?: number
}

/** The same, validated and complete. */
export type ResolvedOptions = Readonly<
  Required<Omit<FileFetchOptions, 'retries' | 'heartbeatMs'>> & {
    readonly retries: Required<Retries>
    readonly heartbeatMs: number | undefined
  }
>

const FSYNC = new Set(['none', 'enqueue', 'always'])

/** Defaults, then validation. Throws a TypeError that names the option. */
export function resolveOptions(options: FileFetchOptions): ResolvedOptions {
  const { dir, handlers, queues = ['default'], rescue = {}, retries = {}, heartbeatMs } = options
  if (queues.length === 0 || new Set(queues).size !== queues.length) {
    throw new TypeError(
      `Expected \`queues\` to be distinct and at least one, got ${JSON.stringify(queues)}`,
    )
  }
  for (const [name, handler] of Object.entries(handlers)) {
    checkJobName(name)
    if (typeof handler !== 'function') {
      throw new TypeError(`Expected \`handlers.${name}\` to be a function, got ${typeof handler}`)
    }
  }
  return Object.freeze({
    dir: checkDir(dir),
    handlers: { ...handlers },
    queues: queues.map(checkQueueName),
    concurrency: checkNumber('concurrency', options.concurrency ?? 10, 1, true),
    rescue: { ...rescue, byName: withoutPrototype(rescue.byName) },
    retries: {
      maxAttempts: checkNumber('retries.maxAttempts', retries.maxAttempts ?? 25, 1),
      baseMs: checkNumber('retries.baseMs', retries.baseMs ?? 1000, 0),
      maxMs: checkNumber('retries.maxMs', retries.maxMs ?? 6 * 60 * 60 * 1000, 0),
    },
    maxInterruptions: checkMaxInterruptions(options.maxInterruptions),
    fsync: checkFsync(options.fsync),
    heartbeatMs:
      heartbeatMs === undefined ? undefined : checkNumber('heartbeatMs', heartbeatMs, 0, true),
    sweepMs: checkNumber('sweepMs', options.sweepMs ?? 10_000, 1),
    keepCompleted: checkNumber('keepCompleted', options.keepCompleted ?? 1000, 0),
    safetyPollMs: checkNumber('safetyPollMs', options.safetyPollMs ?? 30_000, 1),
  })
}

/** Throws a TypeError for what is no directory's name. */
export function checkDir(dir: unknown): string {
  if (typeof dir === 'string' && dir !== '' && !dir.includes('\0')) return dir
  throw new TypeError(`Expected \`dir\` to be the path of a directory, got ${JSON.stringify(dir)}`)
}

/** Throws a TypeError for what is no fsync policy. Defaults to `enqueue`. */
export function checkFsync(fsync: unknown = 'enqueue'): Fsync {
  if (typeof fsync === 'string' && FSYNC.has(fsync)) return fsync as Fsync
  throw new TypeError(
    `Expected \`fsync\` to be "none", "enqueue" or "always", got ${JSON.stringify(fsync)}`,
  )
}

/** Throws a TypeError for what is no number of interruptions. Defaults to 3. */
export function checkMaxInterruptions(value = 3): number {
  return checkNumber('maxInterruptions', value, 1)
}

/** So that a job named `constructor` has no strategy of that name. */
function withoutPrototype<T>(record: Readonly<Record<string, T>> = {}): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, record)
}

function checkNumber(name: string, value: unknown, min: number, finite = false): number {
  if (typeof value === 'number' && value >= min && (!finite || Number.isFinite(value))) return value
  throw new TypeError(
    `Expected \`${name}\` to be a ${finite ? 'finite ' : ''}number of at least ${min}, got ${String(value)}`,
  )
}
