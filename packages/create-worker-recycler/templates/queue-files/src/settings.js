import { fileURLToPath } from 'node:url'
import { silentLogger } from '@worker-recycler/core'

/** The directory that holds the jobs, on a local disk. */
export const dir = process.env.QUEUE_DIR ?? fileURLToPath(new URL('../queue', import.meta.url))

/** Says what is amiss, and nothing else. A pino instance fits, too. */
export const logger = { ...silentLogger, warn: console.warn, error: console.error }

/**
 * The payload of a `resize` job.
 *
 * @typedef {object} Resize
 * @property {string} image
 * @property {number} ms How long the work takes.
 */
