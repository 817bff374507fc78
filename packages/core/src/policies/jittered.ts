import type { Policy } from '../contracts/policy.ts'
import { expectNumber } from '../expect-number.ts'
import { purePolicy } from './pure-policy.ts'

/** Enough to spread workers that started together; little enough to waste no memory. */
export const DEFAULT_JITTER = 0.05

/** How far thresholds may be lowered. */
export interface JitterOptions {
  /** The largest share by which a threshold is lowered, 0 to 0.5. Defaults to 0.05. */
  readonly max?: number
}

/** Lowers a threshold by this worker's share. */
export type LowerThreshold = (threshold: number) => number

/**
 * Spreads workers that leak alike, so that they do not recycle at once: `make` is handed a function
 * that lowers a threshold by 0 to 5 %. All thresholds of one worker go down by the same share, so
 * their order stays; none goes up. The share follows from `context.seed` alone. Throws a TypeError
 * for `max` out of range, and whatever `make` throws, at once.
 */
export function jittered(
  make: (lower: LowerThreshold) => Policy,
  options: JitterOptions = {},
): Policy {
  const max = expectNumber('max', options.max ?? DEFAULT_JITTER, { min: 0, max: 0.5 })
  const madeFor = (seed: string): Policy => {
    const factor = 1 - max * seededShare(seed)
    return make((threshold) => threshold * factor)
  }
  // Wrong options show here, not at the first reading.
  make((threshold) => threshold)
  // Remembers the last seed only to save time: the policy follows from the seed alone.
  let made: { readonly seed: string; readonly policy: Policy } | undefined

  return purePolicy('jittered', (reading, context) => {
    if (made?.seed !== context.seed) made = { seed: context.seed, policy: madeFor(context.seed) }
    return made.policy.judge(reading, context)
  })
}

/** A number from 0 to just below 1 that follows from the seed, evenly spread (FNV-1a, then mixed). */
export function seededShare(seed: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193)
  }
  // Without the mixing, seeds that differ in their last character only would lie close together.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000
}
