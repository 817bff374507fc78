import { redisQueue } from '@worker-recycler/redis-fetch'
import { logger, url } from './settings.js'

export const queue = redisQueue({ url, logger })

/**
 * Puts back what a dead worker held.
 *
 * @param {import('@worker-recycler/core').RecoverRequest} request
 * @param {AbortSignal} [signal]
 */
export const recover = (request, signal) => queue.recover(request, signal && { signal })

export const close = () => queue.close()
