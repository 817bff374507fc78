import type { SettableDeadline } from '../jobs/deadline.ts'
import type { Clock } from '../process/clock.ts'
import type { Budget } from './budget.ts'
import type { Phase } from './phase.ts'

/** When each phase of leaving must be over. */
export interface Timetable {
  /** How long the phase that begins now may take; undefined for as long as it likes. */
  sliceMs(phase: Phase, budget: Budget): number | undefined
  /** How long jobs that were asked to stop may still take. */
  abortRemainingMs(): number
}

/** The longest time that quiescing may take out of the drain. */
const MAX_QUIESCE_MS = 5000

/** How long quiescing may take. */
export const quiesceMs = (budget: Budget): number => Math.min(MAX_QUIESCE_MS, budget.drainMs / 2)

/**
 * Makes the timetable of one worker. Drain and abort end at times that are fixed when quiescing
 * begins: after the event loop was blocked, the lost time is theirs. Hand-back and close always have
 * their whole slices.
 */
export function createTimetable(clock: Clock, deadline: SettableDeadline): Timetable {
  let abortEndMs = Infinity
  return {
    sliceMs: (phase, budget) => {
      const nowMs = clock.nowMs()
      if (phase === 'quiescing') {
        deadline.set(nowMs + budget.drainMs)
        abortEndMs = nowMs + budget.drainMs + budget.abortMs
        return quiesceMs(budget)
      }
      if (phase === 'draining') return deadline.remainingMs()
      if (phase === 'aborting') {
        deadline.set(nowMs)
        abortEndMs = Math.min(abortEndMs, nowMs + budget.abortMs)
        return Math.max(0, abortEndMs - nowMs)
      }
      if (phase === 'handingBack') return budget.handBackMs
      return phase === 'closing' ? budget.closeMs : undefined
    },
    abortRemainingMs: () => Math.max(0, abortEndMs - clock.nowMs()),
  }
}
