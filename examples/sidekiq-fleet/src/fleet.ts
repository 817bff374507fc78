import { type Logger, silentLogger } from '@worker-recycler/core'

/** Where the jobs are, and that they are written as Sidekiq writes them. */
export const storage = {
  url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379',
  layout: 'sidekiq',
} as const

/** Says what is amiss, and nothing else. */
export const logger: Logger = { ...silentLogger, warn: console.warn, error: console.error }

/** The arguments of a `Resize` job: the image, and how long the work takes, in ms. */
export type Resize = readonly [image: string, ms: number]
