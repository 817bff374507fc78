import type { Reading } from '../contracts/monitor.ts'
import type { Events } from '../events.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Judge, Judged } from './judge.ts'
import { createVerdictLog } from './verdict-log.ts'

/** Judges a reading and tells of it; undefined when the policy threw. */
export type Assess = (judge: Judge, reading: Reading) => Judged | undefined

/**
 * Makes the assessment of one worker. In `mode: 'observe'` a recycle becomes an event and nothing
 * else: what comes back is at most "slow down".
 */
export function createAssess({ mode, policy }: ResolvedOptions, events: Events): Assess {
  const verdicts = createVerdictLog(events)

  const judgeSafely = (judge: Judge, reading: Reading): Judged | undefined => {
    try {
      return judge.judge(reading)
    } catch (error) {
      events.emit('adapter:failed', { adapter: policy.name, call: 'judge', error })
      return undefined
    }
  }

  return (judge, reading) => {
    events.emit('reading:taken', { reading })
    const judged = judgeSafely(judge, reading)
    if (!judged) return undefined
    const { verdict } = judged
    const changed = verdicts.note(verdict, judged.reading)
    if (verdict.action !== 'recycle') return judged
    const { urgency, reasons, heldBy } = verdict
    if (changed && heldBy.length === 0) {
      if (mode === 'observe') events.emit('recycle:observed', { urgency, reasons })
      else events.emit('recycle:requested', { urgency, reasons, by: 'policy' })
    }
    if (mode === 'act') return judged
    return { reading: judged.reading, verdict: { action: 'slowDown', reasons } }
  }
}
