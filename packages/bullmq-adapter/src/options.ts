import type { RescueStrategies } from '@worker-recycler/core'
import { isOnRedis } from './queue/run-script.ts'
import type { BullmqWorker } from './worker/bullmq-worker.ts'

/** How jobs are treated whose worker died over them. */
export interface BullmqSourceOptions {
  /** What is done with a job that was interrupted before, by its name. Defaults to running it again. */
  readonly rescue?: RescueStrategies
  /** Interruptions that a job is blamed for, after which it is failed instead of run. Defaults to 3. */
  readonly maxInterruptions?: number
}

/** The same, validated and complete. */
export interface ResolvedOptions {
  readonly rescue: RescueStrategies
  readonly maxInterruptions: number
}

const DEFAULT_MAX_INTERRUPTIONS = 3

/** Defaults, then validation. Throws a TypeError that names the option. */
export function resolveOptions(options: BullmqSourceOptions): ResolvedOptions {
  const { rescue = {}, maxInterruptions } = options
  return { rescue, maxInterruptions: checkMaxInterruptions(maxInterruptions) }
}

/** The default, or a whole number from 1. */
export function checkMaxInterruptions(given: number = DEFAULT_MAX_INTERRUPTIONS): number {
  if (Number.isInteger(given) && given >= 1) return given
  throw new TypeError(
    `Expected \`maxInterruptions\` to be a whole number from 1, got ${String(given)}`,
  )
}

/** One worker or several, each of them on Redis. */
export function checkWorkers(
  workers: BullmqWorker | readonly BullmqWorker[],
): readonly BullmqWorker[] {
  const list = isList(workers) ? [...workers] : [workers]
  if (list.length === 0 || new Set(list).size !== list.length) {
    throw new TypeError('Expected `worker` to be one worker, or several distinct ones, got none')
  }
  for (const worker of list) {
    if (typeof worker !== 'object' || worker === null || typeof worker.toKey !== 'function') {
      throw new TypeError(`Expected \`worker\` to be a Worker of BullMQ, got ${typeof worker}`)
    }
    if (!isOnRedis(worker)) {
      throw new TypeError(
        `Expected \`worker\` of "${worker.name}" to be on Redis, got another backend`,
      )
    }
  }
  return list
}

function isList(given: unknown): given is readonly BullmqWorker[] {
  return Array.isArray(given)
}
