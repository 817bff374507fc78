import type { Clock } from '@worker-recycler/core'
import type { Driver } from '../driver/driver.ts'
import { unreachable } from '../driver/storage-error.ts'
import { formatDuration } from './duration.ts'

/** How long a command waits. */
export interface Limits {
  /** For one answer, in ms. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** Ends every wait. */
  readonly signal: AbortSignal
}

/** The same connection, on which nothing waits for longer than it may. */
export function limitDriver(driver: Driver, limits: Limits): Driver {
  return {
    ...driver,
    send: (commands) => within(driver.send(commands), limits),
    run: (script, keys, args) => within(driver.run(script, keys, args), limits),
    nodes: () =>
      driver.nodes().map(({ send }) => ({ send: (commands) => within(send(commands), limits) })),
  }
}

/** The outcome of a call; or `STORAGE_UNREACHABLE`, or the reason of the signal, when that is first. */
export async function within<T>(call: Promise<T>, limits: Limits): Promise<T> {
  const { timeoutMs, clock, signal } = limits
  let onAbort = () => {}
  let cancel = () => {}
  const limit = new Promise<never>((_resolve, reject) => {
    const late = `The server did not answer within ${formatDuration(timeoutMs)}`
    cancel = clock.setTimer(timeoutMs, () => reject(unreachable(late)))
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
  })
  try {
    return await Promise.race([call, limit])
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}
