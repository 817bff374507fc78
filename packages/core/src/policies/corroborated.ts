import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { durationText } from './human-units.ts'
import { purePolicy } from './pure-policy.ts'
import { isHard, withReasons } from './verdict.ts'

/** A witness that is older says nothing of now. */
const DEFAULT_CORROBORATION_MAX_AGE_MS = 30_000

/** Which readings may bear witness. */
export interface CorroboratedOptions {
  /** How old a reading may be. Defaults to 30 s. */
  readonly maxAgeMs?: number
}

/**
 * A second source must agree: `other` judges the newest reading of every monitor and metric, each
 * without its history, and agrees unless it would keep them all. Otherwise the verdict is `keep`,
 * with its reasons and the code `not_corroborated`. A hard recycle passes. Throws a TypeError when
 * `maxAgeMs` is negative.
 */
export function corroborated(
  inner: Policy,
  other: Policy,
  options: CorroboratedOptions = {},
): Policy {
  const maxAgeMs = expectNumber('maxAgeMs', options.maxAgeMs ?? DEFAULT_CORROBORATION_MAX_AGE_MS, {
    min: 0,
  })
  return purePolicy('corroborated', (reading, context) => {
    const verdict = inner.judge(reading, context)
    const witnesses = [
      other.judge(reading, context),
      ...context.latest
        .filter((witness) => reading.atMs - witness.atMs <= maxAgeMs)
        .map((witness) => other.judge(witness, { ...context, history: [witness] })),
    ]
    if (verdict.action === 'keep' || isHard(verdict)) return verdict
    const witness = witnesses.find(({ action }) => action !== 'keep')
    if (witness) return withReasons(verdict, [...verdict.reasons, ...witness.reasons])
    const message = `No other reading of the last ${durationText(maxAgeMs)} agrees`
    return { action: 'keep', reasons: [...verdict.reasons, { code: 'not_corroborated', message }] }
  })
}
