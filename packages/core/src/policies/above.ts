import type { Policy, Verdict } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { expectNumber } from '../expect-number.ts'
import { fieldNamed, fieldNames, type ReadingField } from './field.ts'
import { purePolicy } from './pure-policy.ts'
import { hardRecycle, KEEP, slowDown, softRecycle } from './verdict.ts'

/** What happens at the threshold. */
export interface AboveOptions {
  /** Defaults to `soft`, a soft recycle. */
  readonly verdict?: 'slowDown' | 'soft' | 'hard'
  /** The reason's stable code. Defaults to the field's, e.g. `used_ratio`. */
  readonly code?: string
}

const VERDICTS: Readonly<Record<string, (reasons: readonly Reason[]) => Verdict>> = {
  slowDown,
  soft: softRecycle,
  hard: hardRecycle,
}

/**
 * A threshold on one field of the reading, reached when the field is at the threshold or above it.
 * `usedRatio` is of the reading's own limit, else of the enforcer's; ratios are 0 to 1. A reading
 * without the field is kept. Throws a TypeError for an unknown field, verdict, or threshold.
 */
export function above(field: ReadingField, threshold: number, options: AboveOptions = {}): Policy {
  const { verdict = 'soft' } = options
  const known = fieldNamed(field)
  if (!known) {
    throw new TypeError(
      `Expected \`field\` to be one of ${fieldNames().join(', ')}, got ${JSON.stringify(field)}`,
    )
  }
  const judged = Object.hasOwn(VERDICTS, verdict) ? VERDICTS[verdict] : undefined
  if (!judged) {
    throw new TypeError(
      `Expected \`verdict\` to be slowDown, soft or hard, got ${JSON.stringify(verdict)}`,
    )
  }
  // At 0 every reading would be at the threshold.
  expectNumber('threshold', threshold, { min: 0, aboveMin: true })
  const code = options.code ?? known.code

  return purePolicy('above', (reading, context) => {
    const value = known.of(reading, context)
    if (value === undefined || !(value >= threshold)) return KEEP
    const message = `${reading.metric} ${known.says} ${known.text(value)}; the threshold is ${known.text(threshold)}`
    return judged([{ code, message }])
  })
}
