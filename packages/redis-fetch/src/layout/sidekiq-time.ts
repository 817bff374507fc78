/**
 * Sidekiq writes seconds with a fraction up to version 7, whole milliseconds from 8 on. A thousandfold
 * apart, so their size tells them apart for any time after 1973.
 */
const LEAST_MS = 100_000_000_000

/** A stored time in epoch milliseconds; undefined when it is none. */
export function epochMsIn(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Math.round(value < LEAST_MS ? value * 1_000 : value)
}

/**
 * JSON of a time, as every version of Sidekiq reads it: 8 takes what has a fraction for seconds and a
 * whole number for milliseconds, so the fraction is there even when it is zero.
 */
export function secondsOf(epochMs: number): string {
  const seconds = Math.round(epochMs) / 1_000
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}
