import type { Clock } from '../process/clock.ts'
import { sleep } from '../process/sleep.ts'

/** How something is repeated. */
export interface PersistOptions {
  readonly clock: Clock
  /** Gives up, with the last error. */
  readonly signal: AbortSignal
  /** The wait after the first failure; it doubles with each one. In ms. */
  readonly firstMs: number
  /** The longest wait, in ms. */
  readonly longestMs: number
  /** Hears of each failure after which it tries again, and of the wait until then. */
  readonly failed: (error: unknown, waitMs: number) => void
}

/**
 * Repeats what must become durable until it does: a disk is emptied, a server comes back. What is
 * repeated must change nothing where it was done before. Rejects with the last error when the signal
 * aborts.
 */
export async function persist<T>(operation: () => Promise<T>, options: PersistOptions): Promise<T> {
  const { clock, signal, firstMs, longestMs, failed } = options
  for (let waitMs = firstMs; ; waitMs = Math.min(longestMs, waitMs * 2)) {
    try {
      return await operation()
    } catch (error) {
      if (signal.aborted) throw error
      failed(error, waitMs)
      await sleep(waitMs, clock, signal)
      if (signal.aborted) throw error
    }
  }
}
