import { RecyclerError } from '../errors.ts'
import type { Clock } from './clock.ts'

/** How long a call may take, and what else ends it. */
export interface WithinOptions {
  readonly ms: number
  readonly clock: Clock
  /** Names the call in the error. */
  readonly what: string
  /** Ends the call early. */
  readonly signal?: AbortSignal
}

/**
 * Runs a call that may throw, hang or ignore its signal. Rejects with `TIMED_OUT` when the time is
 * over, whatever the call does; what it does later is of no consequence. With a signal that has
 * aborted already, the call is not made.
 */
export async function within<T>(
  options: WithinOptions,
  call: (signal: AbortSignal) => T | Promise<T>,
): Promise<T> {
  const { ms, clock, what, signal } = options
  signal?.throwIfAborted()
  const controller = new AbortController()
  let cancelTimer = () => {}
  const stop = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  const aborted = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), {
      once: true,
    })
    if (ms === Infinity) return
    cancelTimer = clock.setTimer(ms, () => {
      controller.abort(
        new RecyclerError('TIMED_OUT', `${what} did not end within ${Math.round(ms)} ms`),
      )
    })
  })
  aborted.catch(() => {})
  try {
    return await Promise.race([(async () => call(controller.signal))(), aborted])
  } finally {
    cancelTimer()
    signal?.removeEventListener('abort', stop)
  }
}
