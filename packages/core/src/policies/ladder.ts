import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { limitOf, usedRatio } from './field.ts'
import { bytesText, percentText } from './human-units.ts'
import { purePolicy } from './pure-policy.ts'
import { hardRecycle, KEEP, slowDown, softRecycle } from './verdict.ts'

/** Room below the limit that a hard recycle needs for its drain. */
export const DEFAULT_HARD_RATIO = 0.92
/** Early enough that a soft recycle can wait for a quiet moment. */
export const DEFAULT_SOFT_RATIO = 0.8
/** Far enough below soft that memory which sways does not flap. */
export const DEFAULT_RESUME_RATIO = 0.7

/** The rungs, as shares of the limit: `resume < soft < hard`. */
export interface LadderOptions {
  /** Below it, elevated memory counts as normal again. Defaults to 0.70. */
  readonly resume?: number
  /** From it on, a soft recycle. Defaults to 0.80. */
  readonly soft?: number
  /** From it on, a hard recycle. Defaults to 0.92. */
  readonly hard?: number
}

/**
 * Soft and hard thresholds on the used share of the limit, with hysteresis: once elevated, memory
 * must fall below `resume` before the verdict is `keep` again. Throws a TypeError when the rungs
 * are out of order.
 */
export function ladder(options: LadderOptions = {}): Policy {
  const hard = expectNumber('hard', options.hard ?? DEFAULT_HARD_RATIO, {
    min: 0,
    aboveMin: true,
    max: 1,
  })
  const soft = expectNumber('soft', options.soft ?? DEFAULT_SOFT_RATIO, { min: 0, aboveMin: true })
  const resume = expectNumber('resume', options.resume ?? DEFAULT_RESUME_RATIO, {
    min: 0,
    aboveMin: true,
  })
  if (!(resume < soft && soft < hard)) {
    throw new TypeError(
      `Expected \`resume\` < \`soft\` < \`hard\`, got ${resume}, ${soft} and ${hard}`,
    )
  }

  return purePolicy('ladder', (reading, context) => {
    const ratio = usedRatio(reading, context)
    if (ratio === undefined || !(ratio >= resume)) return KEEP
    const used = `${bytesText(reading.usedBytes ?? 0)} of ${bytesText(limitOf(reading, context) ?? 0)}`
    const message = (rung: string, threshold: number) =>
      `${reading.metric} is at ${percentText(ratio)} of its limit (${used}); the ${rung} threshold is ${percentText(threshold)}`
    if (ratio >= hard) {
      return hardRecycle([{ code: 'hard_threshold', message: message('hard', hard) }])
    }
    if (ratio >= soft) {
      return softRecycle([{ code: 'soft_threshold', message: message('soft', soft) }])
    }
    if (!context.elevated) return KEEP
    return slowDown([{ code: 'still_elevated', message: message('resume', resume) }])
  })
}
