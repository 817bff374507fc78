import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { durationText } from './human-units.ts'
import { purePolicy } from './pure-policy.ts'
import { hold } from './verdict.ts'

/** Long enough that a worker does useful work between two recycles. */
export const DEFAULT_MINIMUM_UPTIME_MS = 300_000

/**
 * Holds a soft recycle while the worker is younger than `minMs`, with the code `minimum_uptime`. A
 * hard one passes. Defaults to 5 min. Throws a TypeError when `minMs` is negative.
 */
export function minimumUptime(inner: Policy, minMs: number = DEFAULT_MINIMUM_UPTIME_MS): Policy {
  expectNumber('minMs', minMs, { min: 0 })
  return purePolicy('minimum-uptime', (reading, context) => {
    const verdict = inner.judge(reading, context)
    if (context.uptimeMs >= minMs) return verdict
    const message = `The worker is up for ${durationText(context.uptimeMs)}; a soft recycle waits for ${durationText(minMs)}`
    return hold(verdict, { code: 'minimum_uptime', message })
  })
}
