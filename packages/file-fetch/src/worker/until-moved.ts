import { type Clock, type Logger, persist } from '@worker-recycler/core'

const FIRST_MS = 100
const LONGEST_MS = 5000

/**
 * Repeats a move until it is durable: a full disk is emptied, a file system is mounted again. Gives up,
 * with the last error, when the signal aborts.
 */
export function untilMoved<T>(
  step: () => Promise<T>,
  context: { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal },
  what: object,
): Promise<T> {
  const { clock, logger, signal } = context
  const failed = (error: unknown, waitMs: number) =>
    logger.warn({ ...what, error, waitMs }, 'a job cannot be moved; trying again')
  return persist(step, { clock, signal, firstMs: FIRST_MS, longestMs: LONGEST_MS, failed })
}
