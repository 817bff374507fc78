import { totalmem } from 'node:os'
import { type Logger, silentLogger } from '@worker-recycler/core'

const { env } = process

/** Where the jobs are. */
export const url: string = env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

/** How many workers this container runs. */
export const workers: number = Number(env['WORKERS'] ?? 2)

/** How long they have to leave; less than the container's grace period, which is 10 s with plain Docker. */
export const stopMs: number = Number(env['STOP_SECONDS'] ?? 7) * 1000

/** Where the probes are answered. */
export const probePort: number = Number(env['PROBE_PORT'] ?? 8080)

/** What is not the workers': the supervisor's, its guard's and a health check's memory. */
export const RESERVED_BYTES: number = 128 * 1024 * 1024

// Without a limit it is 0, or more than there is.
const containerBytes = Math.min(process.constrainedMemory() || Infinity, totalmem())

/** What one worker may have of the container's memory. */
export const limitBytes: number = Math.floor((containerBytes - RESERVED_BYTES) / workers)

/** Says what is amiss, and nothing else. */
export const logger: Logger = { ...silentLogger, warn: console.warn, error: console.error }

/** The payload of a `resize` job. */
export interface Resize {
  readonly image: string
  /** How long the work takes, in ms. */
  readonly ms: number
  /** Memory that the job never lets go of. */
  readonly leakMib: number
}
