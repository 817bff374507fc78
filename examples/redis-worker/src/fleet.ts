import { type Logger, silentLogger } from '@worker-recycler/core'

/** Where the jobs are. */
export const url: string = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

/** How many workers there are: the supervisor starts them, and a cohort counts them. */
export const workers: number = 2

/** Says what is amiss, and nothing else. */
export const logger: Logger = { ...silentLogger, warn: console.warn, error: console.error }

/** The payload of a `resize` job. */
export interface Resize {
  readonly image: string
  /** How long the work takes, in ms. */
  readonly ms: number
}
