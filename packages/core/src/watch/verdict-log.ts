import type { Reading } from '../contracts/monitor.ts'
import type { Verdict } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import type { Events } from '../events.ts'
import { LIMIT_BELOW_BASELINE } from '../policies/ineffective.ts'

/** Tells of verdicts when they change, not at every reading. */
export interface VerdictLog {
  /** Emits what is new about a verdict; returns whether anything is. */
  note(verdict: Verdict, reading: Reading): boolean
}

const codes = (reasons: readonly Reason[]) => reasons.map(({ code }) => code).join()

/** Makes a log that has seen nothing but calm. */
export function createVerdictLog(events: Events): VerdictLog {
  let last = 'keep'
  let tooLow = false
  return {
    note: (verdict, reading) => {
      const { action, reasons } = verdict
      const held = action === 'recycle' ? verdict.heldBy : []
      const key = [
        action,
        ...(action === 'recycle' ? [verdict.urgency, codes(held)] : []),
        ...(action === 'keep' ? [] : [codes(reasons)]),
      ].join('/')
      if (key === last) return false
      last = key
      events.emit('verdict:reached', { verdict, reading })
      if (held.length > 0) events.emit('recycle:held', { heldBy: held, reasons })
      const nowTooLow = [...held, ...reasons].some(({ code }) => code === LIMIT_BELOW_BASELINE)
      if (nowTooLow && !tooLow)
        events.emit('limit:found-too-low', { reasons: [...held, ...reasons] })
      tooLow = nowTooLow
      return true
    },
  }
}
