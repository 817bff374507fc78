import type { Reading } from '../contracts/monitor.ts'

/** How memory grows, and how surely. */
export interface Slope {
  /** The median of the growth between all pairs of readings (Theil-Sen): outliers do not move it. */
  readonly bytesPerSec: number
  /**
   * The share of pairs that rise, less the share that falls (Kendall's tau): 1 when memory only
   * grew, about 0 for noise, -1 when it only shrank.
   */
  readonly confidence: number
}

/** More points would cost more and say no more: 32 make 496 pairs. */
const MAX_POINTS = 32

/**
 * The robust slope of memory in use. Of many readings, 32 evenly spread ones are taken. Undefined
 * when fewer than two readings carry `usedBytes` at different times.
 */
export function slope(readings: readonly Reading[]): Slope | undefined {
  const points = spread(readings.filter(({ usedBytes }) => usedBytes !== undefined))
  const rates: number[] = []
  let rising = 0
  for (const [index, from] of points.entries()) {
    for (const to of points.slice(index + 1)) {
      const ms = to.atMs - from.atMs
      if (ms <= 0) continue
      const bytes = (to.usedBytes ?? 0) - (from.usedBytes ?? 0)
      rising += Math.sign(bytes)
      rates.push((bytes / ms) * 1000)
    }
  }
  const bytesPerSec = median(rates)
  return bytesPerSec === undefined ? undefined : { bytesPerSec, confidence: rising / rates.length }
}

/**
 * Time until memory in use reaches the limit at a steady rate: 0 when it has, `Infinity` when it
 * does not grow.
 */
export function timeToLimitMs(usedBytes: number, limitBytes: number, bytesPerSec: number): number {
  if (usedBytes >= limitBytes) return 0
  return bytesPerSec > 0 ? ((limitBytes - usedBytes) / bytesPerSec) * 1000 : Infinity
}

function spread(readings: readonly Reading[]): readonly Reading[] {
  if (readings.length <= MAX_POINTS) return readings
  const step = (readings.length - 1) / (MAX_POINTS - 1)
  return Array.from(
    { length: MAX_POINTS },
    (_, index) => readings[Math.round(index * step)],
  ).filter((reading) => reading !== undefined)
}

function median(values: number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  if (upper === undefined || sorted.length % 2 === 1) return upper
  return ((sorted[middle - 1] ?? upper) + upper) / 2
}
