/** Undoes a timer; harmless when the timer has fired. */
export type CancelTimer = () => void

/** Time and timers, injected everywhere so that tests can move them. */
export interface Clock {
  /** Monotonic milliseconds; the origin means nothing, and a change of the system's time does not show. */
  nowMs(): number
  /** Milliseconds since 1970, for records that outlive the process. */
  epochMs(): number
  /** Calls back once after `ms`. The timer keeps the process alive. */
  setTimer(ms: number, callback: () => void): CancelTimer
}

/** The longest delay that `setTimeout` takes; a longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The system's clock. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (ms, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(ms, 0), MAX_TIMER_MS))
    return () => clearTimeout(timer)
  },
}
