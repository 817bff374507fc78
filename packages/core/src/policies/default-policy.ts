import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { above } from './above.ts'
import { breaker, type BreakerOptions } from './breaker.ts'
import { anyOf } from './combine.ts'
import { corroborated } from './corroborated.ts'
import { forecast, type ForecastOptions } from './forecast.ts'
import { ineffective, type IneffectiveOptions } from './ineffective.ts'
import { DEFAULT_JITTER, jittered, type LowerThreshold } from './jittered.ts'
import {
  DEFAULT_HARD_RATIO,
  DEFAULT_RESUME_RATIO,
  DEFAULT_SOFT_RATIO,
  ladder,
  type LadderOptions,
} from './ladder.ts'
import { DEFAULT_MINIMUM_UPTIME_MS, minimumUptime } from './minimum-uptime.ts'
import { perJobAllowance } from './per-job-allowance.ts'
import { quietMoment, type QuietMomentOptions } from './quiet-moment.ts'
import { sustained, type SustainedOptions } from './sustained.ts'

/** Two readings in a row, and not both in the same instant. */
const DEFAULT_HARD_SUSTAINED: Required<Omit<SustainedOptions, 'urgency'>> = {
  of: 2,
  atLeast: 2,
  minMs: 200,
}
/** Share of time in which tasks stand still that counts as pressure. */
const DEFAULT_STALL_RATIO = 0.1
/** Pressure with less memory in use than this is about page cache, which no recycle cures. */
const DEFAULT_STALL_USED_RATIO = 0.6

/** When standing still for want of memory counts. */
export interface StallOptions {
  /** Share of the time in which some task stood still. Defaults to 0.1. */
  readonly someRatio?: number
  /** The share of the limit that must be in use as well. Defaults to 0.6. */
  readonly usedRatio?: number
}

/** Every knob of the default policy. A part that is `false` is left out. */
export interface DefaultPolicyOptions extends LadderOptions {
  /** How long soft must last. Defaults to 5 of 6 readings over 30 s. */
  readonly softSustained?: Omit<SustainedOptions, 'urgency'>
  /** How long hard must last. Defaults to 2 readings over 200 ms. */
  readonly hardSustained?: Omit<SustainedOptions, 'urgency'>
  /** From this share of the limit on, one reading is enough. Defaults to half-way from hard to the limit. */
  readonly atOnce?: number
  /** The largest share by which thresholds are lowered. Defaults to 0.05. */
  readonly jitter?: number
  /** Defaults to 5 min. */
  readonly minimumUptimeMs?: number
  /** What a drain takes, for the forecast. Defaults to the worker's own, else 30 s. */
  readonly drainMs?: number
  readonly quietMoment?: QuietMomentOptions | false
  readonly forecast?: Omit<ForecastOptions, 'resume' | 'soft' | 'drainMs'> | false
  readonly stall?: StallOptions | false
  readonly breaker?: Omit<BreakerOptions, 'settleMs'> | false
  readonly ineffective?: Omit<IneffectiveOptions, 'soft'> | false
  /** Bytes that running jobs may use, by name. Defaults to none. */
  readonly allowances?: Readonly<Record<string, number>>
}

/**
 * The policy of a recycler that is not given one.
 *
 * Soft: at 0.80 of the limit, in 5 of 6 readings over at least 30 s; or when tasks stand still for
 * 10 % of the time, as long, with 0.60 of the limit in use. It waits for a quiet moment (5 min at
 * most), a minimum uptime of 5 min, the breaker (3 in 30 min), and not at all where recycling does
 * not help. A forecast brings it forward. Each wait has its reason in `heldBy`.
 *
 * Hard: at 0.92 in two readings, at least 200 ms apart, since one may be a passing peak; at once
 * from 0.96 on or at an oom event, since there may be no second reading: a leak of 50 MB/s read
 * every second takes 2.5 % of 2 GB between two. Steady leaks of that kind are caught by the forecast
 * earlier, at 0.80.
 *
 * All thresholds are lowered by 0 to 5 %, by this worker's seed. Throws a TypeError for options out
 * of range.
 */
export function defaultPolicy(options: DefaultPolicyOptions = {}): Policy {
  const hard = options.hard ?? DEFAULT_HARD_RATIO
  const rungs = {
    hard,
    soft: options.soft ?? DEFAULT_SOFT_RATIO,
    resume: options.resume ?? DEFAULT_RESUME_RATIO,
    atOnce: expectNumber('atOnce', options.atOnce ?? (hard + 1) / 2, { min: hard }),
  }
  const policy = jittered(
    (lower) => gated(pressure(rungs, lower, options), rungs, lower, options),
    { max: options.jitter ?? DEFAULT_JITTER },
  )
  return { ...policy, name: 'default' }
}

type Rungs = Required<LadderOptions> & { readonly atOnce: number }

/** What wants a recycle. */
function pressure(rungs: Rungs, lower: LowerThreshold, options: DefaultPolicyOptions): Policy {
  const { softSustained = {}, stall = {}, allowances } = options
  const steps = ladder({
    resume: lower(rungs.resume),
    soft: lower(rungs.soft),
    hard: lower(rungs.hard),
  })
  const counted = allowances ? perJobAllowance(steps, { byName: allowances }) : steps
  const hardSustained = { ...DEFAULT_HARD_SUSTAINED, ...options.hardSustained }
  const usage = sustained(sustained(counted, { ...hardSustained, urgency: 'hard' }), {
    ...softSustained,
    urgency: 'soft',
  })
  const parts = [
    usage,
    above('usedRatio', lower(rungs.atOnce), { verdict: 'hard', code: 'near_limit' }),
    above('oomEvents', 1, { verdict: 'hard' }),
    above('oomKillEvents', 1, { verdict: 'hard' }),
  ]
  if (stall) {
    const { someRatio = DEFAULT_STALL_RATIO, usedRatio = DEFAULT_STALL_USED_RATIO } = stall
    const stalled = sustained(above('stallSomeRatio', someRatio), softSustained)
    const inUse = above('usedRatio', lower(usedRatio), { verdict: 'slowDown' })
    parts.push(corroborated(stalled, inUse))
  }
  return anyOf(...parts)
}

/** What a wanted recycle waits for. The gates hold what the forecast brings forward, too. */
function gated(
  wanted: Policy,
  rungs: Rungs,
  lower: LowerThreshold,
  options: DefaultPolicyOptions,
): Policy {
  const { minimumUptimeMs = DEFAULT_MINIMUM_UPTIME_MS, drainMs } = options
  const soft = lower(rungs.soft)
  let policy = wanted
  if (options.quietMoment !== false) policy = quietMoment(policy, options.quietMoment)
  if (options.forecast !== false) {
    policy = forecast(policy, {
      ...options.forecast,
      ...(drainMs === undefined ? {} : { drainMs }),
      resume: lower(rungs.resume),
      soft,
    })
  }
  policy = minimumUptime(policy, minimumUptimeMs)
  if (options.ineffective !== false) policy = ineffective(policy, { ...options.ineffective, soft })
  if (options.breaker !== false) {
    policy = breaker(policy, { ...options.breaker, settleMs: minimumUptimeMs })
  }
  return policy
}
