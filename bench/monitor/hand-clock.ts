import type { Clock } from '@worker-recycler/core'

/** A clock that costs next to nothing, for one timer at a time. */
export interface HandClock extends Clock {
  /** Moves to the timer that waits, and calls it. */
  readonly tick: () => void
}

/** Makes a clock that stands at 0. */
export function handClock(): HandClock {
  let nowMs = 0
  let waits: { readonly atMs: number; readonly callback: () => void } | undefined
  const cancel = () => {
    waits = undefined
  }
  return {
    nowMs: () => nowMs,
    epochMs: () => nowMs,
    setTimer: (ms, callback) => {
      waits = { atMs: nowMs + ms, callback }
      return cancel
    },
    tick: () => {
      if (!waits) throw new Error('No timer waits')
      const { atMs, callback } = waits
      waits = undefined
      nowMs = atMs
      callback()
    },
  }
}
