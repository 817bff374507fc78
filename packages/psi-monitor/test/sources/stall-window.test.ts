import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStallWindow } from '../../src/sources/stall-window.ts'

/** Adds totals of `some` in ms, at moments in ms; answers what came of the last ones. */
const stallOf = (windowMs: number, ...points: readonly (readonly [number, number, number?])[]) => {
  const window = createStallWindow(windowMs)
  return points
    .map(([atMs, someMs, fullMs = 0]) =>
      window.add(atMs, { someUs: someMs * 1000, fullUs: fullMs * 1000 }),
    )
    .at(-1)
}

describe('the stall of a window', () => {
  it('is not known from the first totals: they are history', () => {
    expect(stallOf(2000, [0, 5000, 4000])).toBeUndefined()
  })

  it('is that of as long as was watched, while that is less', () => {
    expect(stallOf(2000, [100, 5000], [600, 5300])).toEqual({
      windowMs: 500,
      someMs: 300,
      fullMs: 0,
    })
  })

  it('is exactly that of the window from then on', () => {
    const points = [
      [0, 0, 0],
      [1000, 900, 500],
      [2000, 1000, 550],
      [3000, 1100, 600],
    ] as const
    expect(stallOf(2000, ...points)).toEqual({ windowMs: 2000, someMs: 200, fullMs: 100 })
  })

  it('spans a little more where no totals are exactly as old as the window', () => {
    expect(stallOf(2000, [0, 0], [900, 100], [1100, 200], [3000, 500])).toEqual({
      windowMs: 2100,
      someMs: 400,
      fullMs: 0,
    })
  })

  it('spans all the time between two readings that are far apart', () => {
    expect(stallOf(2000, [0, 0], [60_000, 600])).toEqual({
      windowMs: 60_000,
      someMs: 600,
      fullMs: 0,
    })
  })

  it('forgets what is older than the window', () => {
    expect(stallOf(2000, [0, 0], [500, 500], [2500, 500], [4500, 500])?.someMs).toBe(0)
  })

  it('is not known for a moment that has no length', () => {
    expect(stallOf(2000, [100, 0], [100, 50])).toBeUndefined()
    expect(stallOf(2000, [100, 0], [100, 50], [200, 60])?.someMs).toBe(60)
  })

  it.each([
    ['`some`', [1000, 50, 100] as const],
    ['`full`', [1000, 200, 50] as const],
  ])('is not known when %s goes backwards, and begins anew from there', (_case, back) => {
    expect(stallOf(2000, [0, 100, 100], back)).toBeUndefined()
    expect(stallOf(2000, [0, 100, 100], [500, 100, 100], back)).toBeUndefined()
    const [, someMs, fullMs] = back
    expect(stallOf(2000, [0, 100, 100], back, [1500, someMs + 30, fullMs + 20])).toEqual({
      windowMs: 500,
      someMs: 30,
      fullMs: 20,
    })
  })

  it('is never longer than its window, by whatever rounding of clocks', () => {
    const window = createStallWindow(2000)
    window.add(0, { someUs: 0, fullUs: 0 })
    expect(window.add(999.6, { someUs: 1_000_000, fullUs: 999_900 })).toEqual({
      windowMs: 999.6,
      someMs: 999.6,
      fullMs: 999.6,
    })
  })

  it('keeps the microseconds', () => {
    const window = createStallWindow(2000)
    window.add(0, { someUs: 1, fullUs: 1 })
    expect(window.add(1000, { someUs: 1235, fullUs: 2 })).toEqual({
      windowMs: 1000,
      someMs: 1.234,
      fullMs: 0.001,
    })
  })

  it('has between 0 and its window of `some`, and at most that of `full`', () => {
    const step = fc.record({
      ms: fc.integer({ min: 1, max: 3000 }),
      someShare: fc.double({ min: 0, max: 1.001, noNaN: true }),
      fullShare: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const window = createStallWindow(2000)
        let atMs = 0
        let someUs = 0
        let fullUs = 0
        window.add(atMs, { someUs, fullUs })
        for (const { ms, someShare, fullShare } of steps) {
          atMs += ms
          const grownUs = Math.round(ms * someShare * 1000)
          someUs += grownUs
          fullUs += Math.round(grownUs * fullShare)
          const { windowMs, someMs, fullMs = 0 } = window.add(atMs, { someUs, fullUs })!
          expect(windowMs).toBeGreaterThan(0)
          expect(someMs).toBeGreaterThanOrEqual(0)
          expect(someMs).toBeLessThanOrEqual(windowMs)
          expect(fullMs).toBeLessThanOrEqual(someMs)
          // The oldest totals that are needed: those as old as the window, or the first.
          expect(windowMs >= 2000 || windowMs === atMs).toBe(true)
        }
      }),
    )
  })
})
