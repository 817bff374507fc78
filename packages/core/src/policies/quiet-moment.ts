import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { durationText } from './human-units.ts'
import { purePolicy } from './pure-policy.ts'
import { hold } from './verdict.ts'

/** The longest wait for a quiet moment. */
const DEFAULT_QUIET_DEADLINE_MS = 300_000

/** The code of the reason by which a quiet moment is waited for. */
export const QUIET_MOMENT = 'quiet_moment'

/** How long to wait for a quiet moment. */
export interface QuietMomentOptions {
  /** After a soft recycle was wanted for so long, it waits no more. Defaults to 5 min. */
  readonly deadlineMs?: number
}

/**
 * Holds a soft recycle, with the code `quiet_moment`, until no job runs or no fewer ran in the last
 * minute: a recycle then interrupts least. A deadline bounds the wait. A hard recycle passes.
 * Throws a TypeError when `deadlineMs` is negative.
 */
export function quietMoment(inner: Policy, options: QuietMomentOptions = {}): Policy {
  const deadlineMs = expectNumber('deadlineMs', options.deadlineMs ?? DEFAULT_QUIET_DEADLINE_MS, {
    min: 0,
  })
  return purePolicy('quiet-moment', (reading, context) => {
    const verdict = inner.judge(reading, context)
    const running = context.inFlight.length
    const quiet = running === 0 || running <= context.inFlightLow
    if (quiet || context.wantedForMs >= deadlineMs) return verdict
    const leftMs = deadlineMs - context.wantedForMs
    const message = `${running} jobs run, up from ${context.inFlightLow} in the last minute; a quieter moment is awaited for ${durationText(leftMs)} at most`
    return hold(verdict, { code: QUIET_MOMENT, message })
  })
}
