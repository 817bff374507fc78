import { type Reading, type Slope, slope, timeToLimitMs } from '@worker-recycler/core'

/** Where memory goes, if it goes on like this. */
export interface Forecast extends Slope {
  /** Until `usedBytes` reaches `limitBytes`; undefined when it does not grow, or not surely enough. */
  readonly timeToLimitMs?: number
}

/** How a forecast is made. */
export interface ForecasterOptions {
  /** The span of time that the slope is taken over. Defaults to 60 s. */
  readonly windowMs?: number
  /** Readings that the window must hold. Defaults to 12. */
  readonly minReadings?: number
  /** The least confidence for a time to the limit, 0 to 1. Defaults to 0.6. */
  readonly minConfidence?: number
}

/** Keeps what a forecast needs of the readings of one metric. */
export interface Forecaster {
  /** Adds a reading; undefined while there are too few, or when it has no `usedBytes`. */
  readonly add: (reading: Reading) => Forecast | undefined
}

const DEFAULT_WINDOW_MS = 60_000
const DEFAULT_MIN_READINGS = 12
const DEFAULT_MIN_CONFIDENCE = 0.6
/** How much further than ever before memory must reach; a sawtooth returns to its old heights. */
const NEW_HIGH = 1.02

/**
 * Makes a forecaster: a robust slope (Theil-Sen), its confidence (Kendall's tau), and the time to the
 * limit. A sawtooth has no time to its limit once it has fallen, until it passes its old heights; nor
 * has a cache that fills, as readings leave it out.
 */
export function createForecaster(options: ForecasterOptions = {}): Forecaster {
  const {
    windowMs = DEFAULT_WINDOW_MS,
    minReadings = DEFAULT_MIN_READINGS,
    minConfidence = DEFAULT_MIN_CONFIDENCE,
  } = options
  let window: Reading[] = []
  let peakBytes = 0
  return {
    add: (reading) => {
      const { usedBytes, limitBytes, atMs } = reading
      if (usedBytes === undefined) return undefined
      const first = window.findIndex((earlier) => earlier.atMs > atMs - windowMs)
      const old = first === -1 ? window : window.slice(0, first)
      for (const earlier of old) peakBytes = Math.max(peakBytes, earlier.usedBytes ?? 0)
      window = [...window.slice(old.length), reading]
      const growth = window.length < minReadings ? undefined : slope(window)
      if (!growth) return undefined
      const isSure = growth.confidence >= minConfidence && usedBytes > peakBytes * NEW_HIGH
      if (!isSure || limitBytes === undefined) return growth
      const leftMs = timeToLimitMs(usedBytes, limitBytes, growth.bytesPerSec)
      return Number.isFinite(leftMs) ? { ...growth, timeToLimitMs: leftMs } : growth
    },
  }
}
