import { watchIntervalMs } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('the time to the next reading', () => {
  const intervals = { calmMs: 1000, closeMs: 100 }
  const at = (usedBytes: number, bytesPerMs = 0) =>
    watchIntervalMs({ usedBytes, limitBytes: 1000, bytesPerMs }, intervals)

  it('is long when all is calm, and short close to the limit or beyond it', () => {
    expect([at(100), at(700), Math.round(at(800)), at(950), at(2000)]).toEqual([
      1000, 1000, 550, 100, 100,
    ])
  })

  it('is short when memory rises fast, however far the limit is', () => {
    expect(at(200, 1)).toBe(100)
    expect(at(200, 0.2)).toBe(500)
    expect(at(200, -5)).toBe(1000)
  })

  it('is long where nothing is known yet, or nothing limits', () => {
    expect(watchIntervalMs({ limitBytes: 1, bytesPerMs: 9 }, intervals)).toBe(1000)
    expect(watchIntervalMs({ usedBytes: 1, bytesPerMs: 9 }, intervals)).toBe(1000)
  })

  it('stays within its bounds for any figures', () => {
    fc.assert(
      fc.property(fc.nat(), fc.float({ noNaN: true }), (usedBytes, bytesPerMs) => {
        const ms = at(usedBytes, bytesPerMs)
        expect(ms).toBeGreaterThanOrEqual(100)
        expect(ms).toBeLessThanOrEqual(1000)
      }),
    )
  })
})
