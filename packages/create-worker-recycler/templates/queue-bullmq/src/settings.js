import { silentLogger } from '@worker-recycler/core'

/** Where the jobs are. */
export const queueName = 'images'

export const connection = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' }

/** Says what is amiss, and nothing else. A pino instance fits, too. */
export const logger = { ...silentLogger, warn: console.warn, error: console.error }

/**
 * The data of a `resize` job.
 *
 * @typedef {object} Resize
 * @property {string} image
 * @property {number} ms How long the work takes.
 */
