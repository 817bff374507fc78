import type { Clock } from './clock.ts'

/**
 * Waits on the given clock. Resolves early, without an error, when the signal aborts: the caller
 * looks at `signal.aborted`.
 */
export function sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.setTimer(ms, done)
    signal.addEventListener('abort', done, { once: true })
  })
}
