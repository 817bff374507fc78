import type { Reading } from '../contracts/monitor.ts'
import type { Policy, PolicyContext } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { expectNumber } from '../expect-number.ts'
import { limitOf } from './field.ts'
import { bytesText, durationText } from './human-units.ts'
import { DEFAULT_RESUME_RATIO, DEFAULT_SOFT_RATIO } from './ladder.ts'
import { purePolicy } from './pure-policy.ts'
import { QUIET_MOMENT } from './quiet-moment.ts'
import { slope, timeToLimitMs } from './slope.ts'
import { hardRecycle, isHard, isSoft, slowDown, softRecycle } from './verdict.ts'

/** What a drain takes where nobody said otherwise. */
const DEFAULT_DRAIN_MS = 30_000
/** Long enough that a burst of jobs does not look like a leak. */
const DEFAULT_FORECAST_WINDOW_MS = 30_000
/** Memory that grows right after the start is caches and code, not a leak. */
const DEFAULT_WARM_UP_MS = 60_000
const DEFAULT_FORECAST_CONFIDENCE = 0.6
const DEFAULT_FORECAST_READINGS = 6

/** How much further than ever before memory must reach; a sawtooth returns to its old heights. */
const NEW_HIGH = 1.02
/** The share of the window that readings must span. */
const SPANNED = 2 / 3

/** When to believe a forecast, and what follows from it. */
export interface ForecastOptions {
  /** Below this share of the limit nothing is forecast. Defaults to 0.70. */
  readonly resume?: number
  /** Below this share of the limit a forecast never makes a recycle hard. Defaults to 0.80. */
  readonly soft?: number
  /** What a drain takes: with less time to the limit, a recycle is hard. Defaults to the worker's own, else 30 s. */
  readonly drainMs?: number
  /** With less time to the limit, a recycle is brought forward. Defaults to twice `drainMs`. */
  readonly horizonMs?: number
  /** The span of time that the slope is taken over. Defaults to 30 s. */
  readonly windowMs?: number
  /** Readings in the window, at least. Defaults to 6. */
  readonly minReadings?: number
  /** The least Kendall's tau of the window, 0 to 1. Defaults to 0.6. */
  readonly minConfidence?: number
  /** Readings of the first while after the start are left out. Defaults to 60 s. */
  readonly warmUpMs?: number
}

/**
 * Brings a recycle forward when memory will reach its limit soon, by a robust slope; never the only
 * cause. A soft recycle that waits for a quiet moment waits no more; `slowDown` becomes a soft
 * recycle; `keep` becomes `slowDown`, so that two readings must agree. Other holds stay. From
 * `soft` on, and only when the limit is nearer than a drain takes, the recycle becomes hard.
 *
 * Only memory that is higher than ever in `context.history` is forecast: a sawtooth is not, once
 * one of its teeth is in the history. Throws a TypeError for options out of range.
 */
export function forecast(inner: Policy, options: ForecastOptions = {}): Policy {
  const given = resolveRules(options)
  return purePolicy('forecast', (reading, context) => {
    const rules = options.drainMs === undefined ? ownRules(given, options, context) : given
    const verdict = inner.judge(reading, context)
    if (isHard(verdict)) return verdict
    const found = foreseen(reading, context, rules)
    if (!found) return verdict
    const { ratio, leftMs, reason } = found
    const reasons = [...verdict.reasons, reason]
    if (verdict.action === 'keep') return slowDown(reasons)
    if (ratio >= rules.soft && leftMs < rules.drainMs) return hardRecycle(reasons)
    const heldBy = isSoft(verdict) ? verdict.heldBy : []
    return softRecycle(
      reasons,
      heldBy.filter(({ code }) => code !== QUIET_MOMENT),
    )
  })
}

interface Foreseen {
  readonly ratio: number
  readonly leftMs: number
  readonly reason: Reason
}

/** The time to the limit, if it is short and the growth is believed. */
function foreseen(
  reading: Reading,
  context: PolicyContext,
  rules: Required<ForecastOptions>,
): Foreseen | undefined {
  const limit = limitOf(reading, context)
  const used = reading.usedBytes
  if (limit === undefined || used === undefined || used < rules.resume * limit) return undefined

  const warmAtMs = reading.atMs - context.uptimeMs + rules.warmUpMs
  const sinceMs = Math.max(reading.atMs - rules.windowMs, warmAtMs)
  const start = context.history.findIndex(({ atMs }) => atMs >= sinceMs)
  const window = start === -1 ? [] : context.history.slice(start)
  const spanMs = reading.atMs - (window[0]?.atMs ?? reading.atMs)
  if (window.length < rules.minReadings || spanMs < rules.windowMs * SPANNED) return undefined
  const before = context.history.slice(0, start)
  if (before.some(({ usedBytes }) => (usedBytes ?? 0) * NEW_HIGH > used)) return undefined

  const growth = slope(window)
  if (!growth || growth.confidence < rules.minConfidence) return undefined
  const leftMs = timeToLimitMs(used, limit, growth.bytesPerSec)
  if (leftMs >= rules.horizonMs) return undefined
  const message = `${reading.metric} grows by ${bytesText(growth.bytesPerSec)} a second and reaches its limit of ${bytesText(limit)} in ${durationText(leftMs)}`
  return { ratio: used / limit, leftMs, reason: { code: 'forecast', message } }
}

/** A worker's own drain time is known to its contexts only. */
function ownRules(
  given: Required<ForecastOptions>,
  { horizonMs }: ForecastOptions,
  { drainMs = given.drainMs }: PolicyContext,
): Required<ForecastOptions> {
  return { ...given, drainMs, horizonMs: Math.max(drainMs, horizonMs ?? 2 * drainMs) }
}

function resolveRules(options: ForecastOptions): Required<ForecastOptions> {
  const positive = { min: 0, aboveMin: true }
  const drainMs = expectNumber('drainMs', options.drainMs ?? DEFAULT_DRAIN_MS, { min: 0 })
  const soft = expectNumber('soft', options.soft ?? DEFAULT_SOFT_RATIO, { ...positive, max: 1 })
  return {
    resume: expectNumber('resume', options.resume ?? DEFAULT_RESUME_RATIO, {
      ...positive,
      max: soft,
    }),
    soft,
    drainMs,
    horizonMs: expectNumber('horizonMs', options.horizonMs ?? 2 * drainMs, { min: drainMs }),
    windowMs: expectNumber('windowMs', options.windowMs ?? DEFAULT_FORECAST_WINDOW_MS, positive),
    minReadings: expectNumber('minReadings', options.minReadings ?? DEFAULT_FORECAST_READINGS, {
      min: 2,
      integer: true,
    }),
    minConfidence: expectNumber(
      'minConfidence',
      options.minConfidence ?? DEFAULT_FORECAST_CONFIDENCE,
      { min: 0, max: 1 },
    ),
    warmUpMs: expectNumber('warmUpMs', options.warmUpMs ?? DEFAULT_WARM_UP_MS, { min: 0 }),
  }
}
