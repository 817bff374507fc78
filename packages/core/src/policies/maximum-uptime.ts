import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { durationText } from './human-units.ts'
import { seededShare } from './jittered.ts'
import { purePolicy } from './pure-policy.ts'
import { KEEP, softRecycle } from './verdict.ts'

/** Spreads a fleet that was started at once over a tenth of its life. */
const DEFAULT_STAGGER = 0.1

/**
 * A soft recycle at an age, for where no measurement of memory can be trusted. Each worker's age is
 * `maxMs` less up to a share of `stagger`, by its seed. Throws a TypeError for numbers out of range.
 */
export function maximumUptime(maxMs: number, stagger: number = DEFAULT_STAGGER): Policy {
  expectNumber('maxMs', maxMs, { min: 0, aboveMin: true })
  expectNumber('stagger', stagger, { min: 0, max: 1 })
  return purePolicy('maximum-uptime', (_reading, context) => {
    const dueMs = maxMs * (1 - stagger * seededShare(context.seed))
    if (context.uptimeMs < dueMs) return KEEP
    const message = `The worker is up for ${durationText(context.uptimeMs)}; it was to be recycled at ${durationText(dueMs)}`
    return softRecycle([{ code: 'maximum_uptime', message }])
  })
}
