import type { Reading } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createForecaster, type Forecast, type ForecasterOptions } from '../src/forecast.ts'

const LIMIT = 1000
const readingAt = (atMs: number, usedBytes: number, more: Partial<Reading> = {}): Reading => ({
  monitor: 'psi',
  metric: 'cgroup.unreclaimable',
  atMs,
  usedBytes,
  limitBytes: LIMIT,
  ...more,
})
/** The forecasts of a curve that is read every second, from 0 to so many seconds. */
const play = (
  seconds: number,
  usedAt: (second: number) => number,
  options?: ForecasterOptions,
): readonly (Forecast | undefined)[] => {
  const forecaster = createForecaster(options)
  return Array.from({ length: seconds + 1 }, (_, second) =>
    forecaster.add(readingAt(second * 1000, usedAt(second))),
  )
}
const hasTime = (forecast: Forecast | undefined) => forecast?.timeToLimitMs !== undefined

describe('a ramp', () => {
  it('has the slope and the time to the limit that can be worked out', () => {
    expect(play(40, (second) => 200 + 5 * second).at(-1)).toEqual({
      bytesPerSec: 5,
      confidence: 1,
      timeToLimitMs: ((LIMIT - 400) / 5) * 1000,
    })
  })

  it('has no time left at its limit', () => {
    expect(play(40, (second) => 600 + 10 * second).at(-1)?.timeToLimitMs).toBe(0)
    expect(play(50, (second) => 600 + 10 * second).at(-1)?.timeToLimitMs).toBe(0)
  })

  it('has a slope but no time where there is no limit', () => {
    const forecaster = createForecaster({ minReadings: 2 })
    const { limitBytes: _none, ...reading } = readingAt(0, 100)
    forecaster.add(reading)
    expect(forecaster.add({ ...reading, atMs: 2000, usedBytes: 110 })).toEqual({
      bytesPerSec: 5,
      confidence: 1,
    })
  })

  it('is measured over the window alone', () => {
    // A minute of rest, then growth: the rest is forgotten.
    const forecasts = play(130, (second) => 200 + Math.max(0, second - 60) * 3)
    expect(forecasts[60]?.bytesPerSec).toBe(0)
    expect(forecasts[120]?.bytesPerSec).toBe(3)
  })

  it('has exactly its slope, whatever its rate, its base and its period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 10, max: 500 }),
        fc.integer({ min: 50, max: 1000 }),
        (bytesPerSec, base, periodMs) => {
          const forecaster = createForecaster()
          let last: Forecast | undefined
          for (let atMs = 0; atMs <= 30 * periodMs; atMs += periodMs) {
            last = forecaster.add(readingAt(atMs, base + (bytesPerSec * atMs) / 1000))
          }
          expect(last?.bytesPerSec).toBeCloseTo(bytesPerSec, 6)
          expect(last?.confidence).toBe(1)
        },
      ),
    )
  })
})

describe('a burst', () => {
  it('of a few readings does not move the slope', () => {
    const forecasts = play(60, (second) => (second % 20 < 2 ? 900 : 300))
    expect(forecasts.at(-1)?.bytesPerSec).toBe(0)
    expect(forecasts.some(hasTime)).toBe(false)
  })

  it('that stays has no time to the limit once it is over', () => {
    const forecasts = play(120, (second) => (second < 30 ? 200 : 700))
    expect(forecasts.slice(80).some(hasTime)).toBe(false)
  })
})

describe('a sawtooth', () => {
  // It rises by 10 a second for 40 s and falls to its base, as after a major collection.
  const tooth = (second: number) => 200 + 10 * (second % 40)

  it('has no time to its limit once it has fallen, so long as it returns to its old heights', () => {
    const forecasts = play(400, tooth)
    // Its first tooth cannot be told from a ramp; after it, and one window, it can.
    expect(forecasts.slice(0, 40).some(hasTime)).toBe(true)
    expect(forecasts.slice(100).some(hasTime)).toBe(false)
  })

  it('with a window that is shorter than a tooth is known by its heights', () => {
    const forecasts = play(400, tooth, { windowMs: 20_000 })
    // The slope alone is that of a ramp.
    expect(forecasts[399]).toEqual({ bytesPerSec: 10, confidence: 1 })
    expect(forecasts.slice(80).some(hasTime)).toBe(false)
  })

  it('has one again as soon as it passes its old heights', () => {
    const forecasts = play(
      400,
      (second) => (second < 360 ? tooth(second) : 590 + 10 * (second - 360)),
      {
        windowMs: 20_000,
      },
    )
    expect(hasTime(forecasts.at(-1))).toBe(true)
  })
})

describe('noise', () => {
  it('about a level has next to no confidence, and no time to the limit', () => {
    const forecasts = play(200, (second) => 500 + 40 * Math.sin(second * 7.3))
    expect(Math.abs(forecasts.at(-1)?.confidence ?? 1)).toBeLessThan(0.3)
    expect(forecasts.some(hasTime)).toBe(false)
  })

  it('about a ramp leaves its slope', () => {
    const forecasts = play(100, (second) => 200 + 5 * second + 20 * Math.sin(second * 7.3))
    const { bytesPerSec = 0, confidence = 0, timeToLimitMs = 0 } = forecasts.at(-1) ?? {}
    expect(bytesPerSec).toBeGreaterThan(4.5)
    expect(bytesPerSec).toBeLessThan(5.5)
    expect(confidence).toBeGreaterThan(0.8)
    expect(timeToLimitMs / 1000).toBeGreaterThan(40)
    expect(timeToLimitMs / 1000).toBeLessThan(80)
  })
})

describe('no time to the limit', () => {
  it('comes of a cache that fills: readings leave it out', () => {
    // The working set of the readings stays at 300 while page cache takes up the rest.
    const forecasts = play(120, () => 300)
    expect(forecasts.at(-1)).toEqual({ bytesPerSec: 0, confidence: 0 })
    expect(forecasts.some(hasTime)).toBe(false)
  })

  it('is there while memory shrinks', () => {
    const forecasts = play(60, (second) => 900 - 10 * second)
    expect(forecasts.at(-1)).toMatchObject({ bytesPerSec: -10, confidence: -1 })
    expect(forecasts.some(hasTime)).toBe(false)
  })

  it('is there with less confidence than is asked for', () => {
    // Two steps up and one down: a third of the neighbours fall.
    const climb = (second: number) => 200 + 4 * second + (second % 3 === 2 ? -30 : 0)
    const { confidence = 0 } = play(40, climb).at(-1) ?? {}
    expect(confidence).toBeGreaterThan(0.6)
    expect(confidence).toBeLessThan(0.95)
    expect(hasTime(play(40, climb, { minConfidence: 0.6 }).at(-1))).toBe(true)
    expect(hasTime(play(40, climb, { minConfidence: 0.95 }).at(-1))).toBe(false)
  })
})

describe('a forecast waits', () => {
  const ramp = (second: number) => 200 + 5 * second

  it('for twelve readings', () => {
    const forecasts = play(12, ramp)
    expect(forecasts.slice(0, 11)).toEqual(Array.from({ length: 11 }))
    expect(hasTime(forecasts[11])).toBe(true)
  })

  it('for as many as it is told, within the window', () => {
    expect(play(5, ramp, { minReadings: 3 }).map((forecast) => forecast !== undefined)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
    ])
    expect(play(60, ramp, { windowMs: 5000, minReadings: 6 }).at(-1)).toBeUndefined()
    expect(play(60, ramp, { windowMs: 5000, minReadings: 5 }).at(-1)).toBeDefined()
  })

  it('again after a pause that is longer than the window', () => {
    const forecaster = createForecaster()
    for (let second = 0; second < 20; second += 1)
      forecaster.add(readingAt(second * 1000, ramp(second)))
    expect(forecaster.add(readingAt(200_000, 900))).toBeUndefined()
  })

  it('past a reading without memory in use, such as one of stalls alone', () => {
    const forecaster = createForecaster({ minReadings: 2 })
    const { usedBytes: _none, ...other } = readingAt(500, 0)
    forecaster.add(readingAt(0, 100))
    expect(forecaster.add(other)).toBeUndefined()
    expect(forecaster.add(readingAt(1000, 110))).toMatchObject({ bytesPerSec: 10 })
  })
})
