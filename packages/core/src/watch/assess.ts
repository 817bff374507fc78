import type { Reading } from '../contracts/monitor.ts'
import type { Events } from '../events.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Judge, Judged } from './judge.ts'
import { createVerdictLog } from './verdict-log.ts'

/** Tells of judgements, and says what they come to. */
export interface Assess {
  /** Judges a reading; undefined when the policy threw. */
  readonly reading: (judge: Judge, reading: Reading) => Judged | undefined
  /** Forgets a monitor; undefined when that changes nothing. */
  readonly forget: (judge: Judge, monitor: string) => Judged | undefined
}

/**
 * Makes the assessment of one worker. In `mode: 'observe'` a recycle becomes an event and nothing
 * else: what comes back is at most "slow down". While the worker leaves, nothing is requested.
 */
export function createAssess(
  { mode, policy }: ResolvedOptions,
  events: Events,
  isWorking: () => boolean,
): Assess {
  const verdicts = createVerdictLog(events)
  let failing = false

  const judgeSafely = (judge: Judge, reading: Reading): Judged | undefined => {
    try {
      const judged = judge.judge(reading)
      failing = false
      return judged
    } catch (error) {
      // Once, until it works again: readings come often.
      if (!failing) events.emit('adapter:failed', { adapter: policy.name, call: 'judge', error })
      failing = true
      return undefined
    }
  }

  const tell = (judged: Judged): Judged => {
    const { verdict } = judged
    const changed = verdicts.note(verdict, judged.reading)
    if (verdict.action !== 'recycle') return judged
    const { urgency, reasons, heldBy } = verdict
    if (changed && heldBy.length === 0 && isWorking()) {
      if (mode === 'observe') events.emit('recycle:observed', { urgency, reasons })
      else events.emit('recycle:requested', { urgency, reasons, by: 'policy' })
    }
    if (mode === 'act') return judged
    return { reading: judged.reading, verdict: { action: 'slowDown', reasons } }
  }

  return {
    reading: (judge, reading) => {
      events.emit('reading:taken', { reading })
      const judged = judgeSafely(judge, reading)
      return judged && tell(judged)
    },
    forget: (judge, monitor) => {
      const judged = judge.forget(monitor)
      return judged && tell(judged)
    },
  }
}
