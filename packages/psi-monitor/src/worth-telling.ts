import type { MemoryEvents, Reading } from '@worker-recycler/core'
import type { Sampling } from './sampling.ts'

/** Memory in use that moved by this share of its limit is news. */
const NEWS_SHARE = 0.01
/** `high` and `max` come with every reclaim: by the hundred a second. */
const REPEAT_MS = 100

/**
 * Whether a sample is worth a reading: pure. Samples are taken far more often than anybody needs to
 * judge them. News is: the first one, an event, a stall that reached the threshold or lasts, a change
 * of 1 % of the limit, and any sample when the last reading is as old as `calmMs`.
 */
export function isWorthTelling(
  sample: Reading,
  told: Reading | undefined,
  { threshold, intervals }: Pick<Sampling, 'threshold' | 'intervals'>,
): boolean {
  if (!told) return true
  const ageMs = sample.atMs - told.atMs
  if (ageMs >= intervals.calmMs) return true
  const { oom = 0, oomKill = 0 } = sample.events ?? {}
  if (oom > 0 || oomKill > 0) return true
  const isStalled = stalls(sample, threshold)
  if (isStalled && !stalls(told, threshold)) return true
  // The first of several events does not wait: it may be all the warning there is.
  if (sample.events !== undefined && told.events === undefined) return true
  if (ageMs < REPEAT_MS) return false
  if (sample.events !== undefined || isStalled) return true
  const limit = sample.limitBytes
  if (limit !== told.limitBytes) return true
  const moved = Math.abs((sample.usedBytes ?? 0) - (told.usedBytes ?? 0))
  return limit !== undefined && moved >= limit * NEWS_SHARE
}

/** Whether the totals grew by the threshold. */
export function stalls({ stall }: Reading, { type, thresholdMs }: Sampling['threshold']): boolean {
  const stalledMs = type === 'some' ? stall?.someMs : stall?.fullMs
  return stalledMs !== undefined && stalledMs >= thresholdMs
}

/** Increments of both. */
export function addEvents(
  one: MemoryEvents | undefined,
  other: MemoryEvents | undefined,
): MemoryEvents | undefined {
  if (!one || !other) return one ?? other
  const sum = (key: keyof MemoryEvents) => (one[key] ?? 0) + (other[key] ?? 0)
  return { high: sum('high'), max: sum('max'), oom: sum('oom'), oomKill: sum('oomKill') }
}
