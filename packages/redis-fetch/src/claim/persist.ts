import { type Clock, type Logger, sleep } from '@worker-recycler/core'

const FIRST_MS = 50
const LONGEST_MS = 2000

/**
 * Repeats what must become durable until it does: a server comes back, memory is freed. What is
 * repeated must change nothing when it was done before. Gives up, with the last error, when the
 * signal aborts.
 */
export async function persist<T>(
  operation: () => Promise<T>,
  context: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
  what: object,
): Promise<T> {
  const { clock, logger, signal } = context
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(LONGEST_MS, waitMs * 2)) {
    try {
      return await operation()
    } catch (error) {
      if (signal.aborted) throw error
      if (waitMs === FIRST_MS)
        logger.warn({ ...what, error }, 'a job cannot be moved; trying again')
      await sleep(waitMs, clock, signal)
      if (signal.aborted) throw error
    }
  }
}
