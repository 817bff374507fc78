import type { Reading } from '../contracts/monitor.ts'
import type { Policy, PolicyContext, Urgency, Verdict } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { expectNumber } from '../expect-number.ts'
import { durationText } from './human-units.ts'
import { pastContext } from './past-context.ts'
import { purePolicy } from './pure-policy.ts'
import { isHard, isSoft, slowDown, softRecycle } from './verdict.ts'

const DEFAULT_SUSTAINED_OF = 6
/** 5 of 6. */
const DEFAULT_SUSTAINED_SHARE: number = 5 / 6
const DEFAULT_SUSTAINED_MIN_MS = 30_000

/** How long, and in how many readings, a recycle must have been wanted. */
export interface SustainedOptions {
  /** The smallest window, in readings. Defaults to 6. */
  readonly of?: number
  /** How many of `of` readings must want the recycle. Defaults to 5 of 6, rounded. */
  readonly atLeast?: number
  /** The shortest window, in time. Defaults to 30 s. */
  readonly minMs?: number
  /** Which recycles must be sustained; others pass. Defaults to both. */
  readonly urgency?: Urgency
}

/**
 * Lets a recycle through only when it has been wanted for a while: in at least `atLeast / of` of
 * the readings of the shortest window that holds `of` readings and spans `minMs`. So the share is
 * the same however often a monitor reads. One dip does not start it anew. What is not sustained
 * yet is weakened: hard to soft, soft to `slowDown`. Earlier readings are judged again, with a
 * history that ends there. Throws a TypeError for options out of range.
 */
export function sustained(inner: Policy, options: SustainedOptions = {}): Policy {
  const of = expectNumber('of', options.of ?? DEFAULT_SUSTAINED_OF, { min: 1, integer: true })
  const atLeast = expectNumber(
    'atLeast',
    options.atLeast ?? Math.round(of * DEFAULT_SUSTAINED_SHARE),
    {
      min: 1,
      max: of,
      integer: true,
    },
  )
  const minMs = expectNumber('minMs', options.minMs ?? DEFAULT_SUSTAINED_MIN_MS, { min: 0 })
  const { urgency } = options
  const notYet: Reason = {
    code: 'not_sustained',
    message: `Not yet in ${atLeast} of ${of} readings over at least ${durationText(minMs)}`,
  }

  return purePolicy('sustained', (reading, context) => {
    const newest = inner.judge(reading, context)
    const lasting = (counts: (verdict: Verdict) => boolean): Verdict | undefined =>
      lastingVerdict({ inner, newest, context, of, atLeast, minMs, counts })

    if (urgency !== 'soft') {
      const hard = lasting(isHard)
      if (hard) return hard
    } else if (isHard(newest)) return newest

    const reasons = [...newest.reasons, notYet]
    if (urgency === 'hard') return isHard(newest) ? softRecycle(reasons) : newest
    const soft = lasting((verdict) => verdict.action === 'recycle')
    if (soft) return isHard(soft) ? softRecycle([...soft.reasons, notYet]) : soft
    return isHard(newest) || isSoft(newest) ? slowDown(reasons) : newest
  })
}

interface Search {
  readonly inner: Policy
  readonly newest: Verdict
  readonly context: PolicyContext
  readonly of: number
  readonly atLeast: number
  readonly minMs: number
  readonly counts: (verdict: Verdict) => boolean
}

/** The newest verdict that counts, if enough of the window do; gives up as soon as too many do not. */
function lastingVerdict(search: Search): Verdict | undefined {
  const { inner, newest, context, counts } = search
  const { history } = context
  const size = windowSize(history, search.of, search.minMs)
  if (size === undefined) return undefined
  // Rounded down, so that the window never needs a smaller share than was asked for.
  let mayMiss = Math.floor((size * (search.of - search.atLeast)) / search.of)
  let found: Verdict | undefined
  for (let index = history.length - 1; index >= history.length - size; index -= 1) {
    const reading = history[index]
    const verdict =
      index === history.length - 1 || !reading
        ? newest
        : inner.judge(reading, pastContext(context, index))
    if (counts(verdict)) found ??= verdict
    else if (mayMiss === 0) return undefined
    else mayMiss -= 1
  }
  return found
}

/** How many of the newest readings make up the window; undefined when there are too few yet. */
function windowSize(history: readonly Reading[], of: number, minMs: number): number | undefined {
  const newestMs = history.at(-1)?.atMs ?? 0
  for (let size = of; size <= history.length; size += 1) {
    if (newestMs - (history.at(-size)?.atMs ?? newestMs) >= minMs) return size
  }
  return undefined
}
