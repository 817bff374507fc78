import type { ChildProcess } from 'node:child_process'
import type { Clock } from '@worker-recycler/core'

/** The end of the channel follows the end of the process at once, unless somebody else holds it open. */
const DRAIN_MS = 200

/** Resolves when everything that a dead worker had sent was read. */
export function channelDrained(child: ChildProcess, clock: Clock): Promise<void> {
  if (!child.connected) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      child.off('disconnect', done)
      resolve()
    }
    // One more turn: where this process itself stood still, what was sent may be there unread.
    const cancel = clock.setTimer(DRAIN_MS, () => void setImmediate(done))
    child.once('disconnect', done)
  })
}
