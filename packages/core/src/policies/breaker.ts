import type { Policy, PolicyContext } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import type { PastRecycle } from '../ledger/past-recycle.ts'
import { durationText } from './human-units.ts'
import { DEFAULT_MINIMUM_UPTIME_MS } from './minimum-uptime.ts'
import { purePolicy } from './pure-policy.ts'
import { hold } from './verdict.ts'

const DEFAULT_BREAKER_MAX = 3
const DEFAULT_BREAKER_WINDOW_MS = 1_800_000
const DEFAULT_BREAKER_HOLD_MS = 60_000
const DEFAULT_BREAKER_MAX_HOLD_MS = 900_000

/** How many recycles are too many, and how long the next one then waits. */
export interface BreakerOptions {
  /** This many recycles in the window open the breaker. Defaults to 3. */
  readonly max?: number
  /** Defaults to 30 min. */
  readonly windowMs?: number
  /** How long the first recycle beyond `max` is held. Doubles with each further one. Defaults to 1 min. */
  readonly holdMs?: number
  /** The longest hold. Defaults to 15 min. */
  readonly maxHoldMs?: number
  /** The hold counts from this age of the worker on, for a younger one is held anyway. Defaults to 5 min. */
  readonly settleMs?: number
}

/**
 * Holds soft recycles, with the code `breaker_open`, once `max` recycles lie in the window. Every
 * recycle is counted, hard ones too, but a hard one always passes. The hold grows with the run of
 * recycles that are no further apart than the window: 1, 2, 4, 8, 15 min.
 *
 * Records are in wall-clock time, which may jump: those that seem to lie in the future are not
 * counted. The hold itself is measured on the monotonic clock, so that it always ends. Throws a
 * TypeError for options out of range.
 */
export function breaker(inner: Policy, options: BreakerOptions = {}): Policy {
  const max = expectNumber('max', options.max ?? DEFAULT_BREAKER_MAX, { min: 1, integer: true })
  const windowMs = expectNumber('windowMs', options.windowMs ?? DEFAULT_BREAKER_WINDOW_MS, {
    min: 0,
    aboveMin: true,
  })
  const holdMs = expectNumber('holdMs', options.holdMs ?? DEFAULT_BREAKER_HOLD_MS, { min: 0 })
  const maxHoldMs = expectNumber('maxHoldMs', options.maxHoldMs ?? DEFAULT_BREAKER_MAX_HOLD_MS, {
    min: holdMs,
  })
  const settleMs = expectNumber('settleMs', options.settleMs ?? DEFAULT_MINIMUM_UPTIME_MS, {
    min: 0,
  })

  return purePolicy('breaker', (reading, context) => {
    const verdict = inner.judge(reading, context)
    const known = context.recycles.filter(({ atEpochMs }) => atEpochMs <= context.epochMs)
    const recent = known.filter(({ atEpochMs }) => context.epochMs - atEpochMs <= windowMs).length
    if (recent < max) return verdict
    const dueMs = Math.min(maxHoldMs, holdMs * 2 ** (runLength(known, windowMs) - max))
    const heldMs = waitedMs(context, settleMs)
    if (heldMs >= dueMs) return verdict
    const message = `${recent} recycles in the last ${durationText(windowMs)}, where ${max} are too many; the next waits for another ${durationText(dueMs - heldMs)}`
    return hold(verdict, { code: 'breaker_open', message })
  })
}

/** How long the recycle has waited for nothing but the breaker. */
function waitedMs(context: PolicyContext, settleMs: number): number {
  return Math.max(0, Math.min(context.wantedForMs, context.uptimeMs - settleMs))
}

/** How many of the newest recycles follow on one another within the window. */
function runLength(recycles: readonly PastRecycle[], windowMs: number): number {
  const times = recycles.map(({ atEpochMs }) => atEpochMs).toSorted((a, b) => b - a)
  const gap = times.findIndex((at, index) => index > 0 && (times[index - 1] ?? at) - at > windowMs)
  return gap === -1 ? times.length : gap
}
