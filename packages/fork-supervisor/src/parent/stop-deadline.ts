import type { CancelTimer, Clock } from '@worker-recycler/core'
import type { KillReason } from '../death/death-cause.ts'

/** When a worker's patience with its stop ends. */
export interface StopDeadline {
  /** Begins the stop budget; one that runs already goes on. */
  begin(reason: KillReason): void
  /** Begins it anew. */
  restart(reason: KillReason): void
  /** Lengthens the budget, running or to come; returns by how much. */
  extend(ms: number): number
  cancel(): void
}

/** Makes the deadline. All extensions together are at most `maxExtendMs`. */
export function createStopDeadline(parts: {
  readonly stopMs: number
  readonly maxExtendMs: number
  readonly clock: Clock
  readonly onOver: (reason: KillReason) => void
}): StopDeadline {
  const { stopMs, maxExtendMs, clock, onOver } = parts
  let extendedMs = 0
  let running: { readonly sinceMs: number; readonly reason: KillReason } | undefined
  let cancelTimer: CancelTimer = () => {}

  const schedule = () => {
    cancelTimer()
    if (!running) return
    const { sinceMs, reason } = running
    cancelTimer = clock.setTimer(sinceMs + stopMs + extendedMs - clock.nowMs(), () =>
      onOver(reason),
    )
  }

  const restart = (reason: KillReason) => {
    running = { sinceMs: clock.nowMs(), reason }
    schedule()
  }

  return {
    begin: (reason) => {
      if (!running) restart(reason)
    },
    restart,
    extend: (ms) => {
      const grantedMs = Math.min(ms, maxExtendMs - extendedMs)
      extendedMs += grantedMs
      schedule()
      return grantedMs
    },
    cancel: () => {
      running = undefined
      cancelTimer()
    },
  }
}
