import { recoverWorker } from '@worker-recycler/bullmq-adapter'
import { Queue } from 'bullmq'
import { connection, queueName } from './settings.js'

export const queue = new Queue(queueName, { connection })

/**
 * Puts back what a dead worker held.
 *
 * @param {import('@worker-recycler/core').RecoverRequest} request
 * @param {AbortSignal} [signal]
 */
export const recover = (request, signal) => recoverWorker(queue, request, signal && { signal })

export const close = () => queue.close()
