import type { Clock } from '@worker-recycler/core'

/**
 * Counts turns of the event loop for milliseconds. What lives in memory moves on with every turn, so
 * that what has not happened after very many of them never will, however busy the machine is.
 */
export const turnClock: Clock = {
  nowMs: () => 0,
  epochMs: () => 0,
  setTimer: (turns, callback) => {
    let left = turns
    const count = () => {
      left -= 1
      if (left < 0) callback()
      else timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    return () => clearImmediate(timer)
  },
}
