import { fileQueue } from '@worker-recycler/file-fetch'
import { dir, logger } from './settings.js'

export const queue = fileQueue({ dir, logger })

/**
 * Puts back what a dead worker held.
 *
 * @param {import('@worker-recycler/core').RecoverRequest} request
 * @param {AbortSignal} [signal]
 */
export const recover = (request, signal) => queue.recover(request, signal && { signal })

/** A directory has nothing to close. */
export const close = async () => {}
