import type { RecoverReport, RecoverRequest } from '@worker-recycler/core'
import { checkMaxInterruptions } from './options.ts'
import type { BullmqQueue } from './queue/bullmq-queue.ts'
import { recover } from './recovery/recover.ts'

/** How a death is settled from outside. */
export interface RecoverWorkerOptions {
  /** Give it what the workers have. Defaults to 3. */
  readonly maxInterruptions?: number
  /** Gives up between two jobs. Defaults to never. */
  readonly signal?: AbortSignal
}

/**
 * Puts back what a dead worker held, from any process: a supervisor, a hook, a successor. Give it each
 * queue that the worker served, as `Queue` objects. Say it only of a process that is gone for certain:
 * whatever the worker still does is refused from then on. Running it twice adds nothing.
 */
export async function recoverWorker(
  queues: BullmqQueue | readonly BullmqQueue[],
  request: RecoverRequest,
  options: RecoverWorkerOptions = {},
): Promise<RecoverReport> {
  const { signal = new AbortController().signal } = options
  const maxInterruptions = checkMaxInterruptions(options.maxInterruptions)
  return recover({ queues: [queues].flat(), maxInterruptions }, request, { signal })
}
