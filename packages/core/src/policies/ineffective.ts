import type { Reading } from '../contracts/monitor.ts'
import type { Policy, PolicyContext } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { expectNumber } from '../expect-number.ts'
import { seriesName } from '../watch/series.ts'
import { usedRatio } from './field.ts'
import { bytesText, percentText } from './human-units.ts'
import { DEFAULT_SOFT_RATIO } from './ladder.ts'
import { purePolicy } from './pure-policy.ts'
import { hardRecycle, hold, isHard, withReasons } from './verdict.ts'

/** The code by which dashboards know that a larger limit is needed, not a recycle. */
export const LIMIT_BELOW_BASELINE = 'limit_below_baseline'

const DEFAULT_BASELINE_SHARE = 0.9
const DEFAULT_MIN_FREED = 0.15
const DEFAULT_FORGET_MS = 21_600_000

/** When recycling counts as useless. */
export interface IneffectiveOptions {
  /** The soft threshold, as a share of the limit. Defaults to 0.80. */
  readonly soft?: number
  /** A warm, fresh process at this share of the soft threshold is too near. Defaults to 0.9. */
  readonly baselineShare?: number
  /** A recycle that freed a smaller share of memory did not help. Defaults to 0.15. */
  readonly minFreed?: number
  /** Recycles that are longer ago say nothing any more: one is tried again. Defaults to 6 h. */
  readonly forgetMs?: number
}

/**
 * Recycling does not help when a fresh process is near its limit already, or when two recycles in a
 * row freed little. Soft recycles are then held with the code `limit_below_baseline`: the worker
 * keeps working, and somebody should raise the limit. A hard recycle passes and carries the reason,
 * unless memory has hardly grown since the process was fresh: its successor would recycle at once,
 * and so would that one's. The baseline and the recycles count for readings of their own monitor and
 * metric only. Throws a TypeError for options out of range.
 */
export function ineffective(inner: Policy, options: IneffectiveOptions = {}): Policy {
  const soft = expectNumber('soft', options.soft ?? DEFAULT_SOFT_RATIO, { min: 0, aboveMin: true })
  const share = expectNumber('baselineShare', options.baselineShare ?? DEFAULT_BASELINE_SHARE, {
    min: 0,
    aboveMin: true,
  })
  const minFreed = expectNumber('minFreed', options.minFreed ?? DEFAULT_MIN_FREED, {
    min: 0,
    max: 1,
  })
  const forgetMs = expectNumber('forgetMs', options.forgetMs ?? DEFAULT_FORGET_MS, { min: 0 })

  return purePolicy('ineffective', (reading, context) => {
    const verdict = inner.judge(reading, context)
    if (verdict.action !== 'recycle') return verdict
    const born = isHard(verdict) ? bornMessage(reading, context, soft, minFreed) : undefined
    if (born !== undefined) {
      return hardRecycle(verdict.reasons, [{ code: LIMIT_BELOW_BASELINE, message: born }])
    }
    const message =
      baselineMessage(reading, context, soft * share) ??
      freedMessage(reading, context, minFreed, forgetMs)
    if (message === undefined) return verdict
    const reason: Reason = { code: LIMIT_BELOW_BASELINE, message }
    return isHard(verdict)
      ? withReasons(verdict, [...verdict.reasons, reason])
      : hold(verdict, reason)
  })
}

/** Compares with the baseline, or, in a process that is not warm yet, with its first reading. */
function bornMessage(
  reading: Reading,
  context: PolicyContext,
  soft: number,
  minFreed: number,
): string | undefined {
  const { baseline, history } = context
  const used = reading.usedBytes
  const fresh = (baseline ?? history[0])?.usedBytes
  if (used === undefined || fresh === undefined) return undefined
  // Elsewhere it is not this process's memory that is short.
  if ((usedRatio(reading, context) ?? 0) < soft) return undefined
  if (baseline && seriesName(baseline) !== seriesName(reading)) return undefined
  if (used - fresh >= minFreed * used) return undefined
  return `The fresh process used ${bytesText(fresh)} of its ${bytesText(used)} already: recycling does not help; raise the limit`
}

function baselineMessage(
  reading: Reading,
  context: PolicyContext,
  highest: number,
): string | undefined {
  const { baseline } = context
  if (!baseline || seriesName(baseline) !== seriesName(reading)) return undefined
  const ratio = usedRatio(baseline, context)
  if (ratio === undefined || ratio < highest) return undefined
  return `The fresh process was at ${percentText(ratio)} of its limit already (${bytesText(baseline.usedBytes ?? 0)}): recycling does not help; raise the limit`
}

function freedMessage(
  reading: Reading,
  context: PolicyContext,
  minFreed: number,
  forgetMs: number,
): string | undefined {
  const name = seriesName(reading)
  const freed = context.recycles
    .filter(({ atEpochMs, series = name }) => {
      const agoMs = context.epochMs - atEpochMs
      return series === name && agoMs >= 0 && agoMs <= forgetMs
    })
    .flatMap(({ beforeBytes, afterBytes }) =>
      afterBytes === undefined || beforeBytes <= 0
        ? []
        : [(beforeBytes - afterBytes) / beforeBytes],
    )
    .slice(-2)
  if (freed.length < 2 || freed.some((part) => part >= minFreed)) return undefined
  const parts = freed.map((part) => percentText(Math.max(0, part))).join(' and ')
  return `The last two recycles freed ${parts} of the memory: recycling does not help; raise the limit`
}
