import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backOffMs } from '../../src/jobs/back-off.ts'

const retries = { baseMs: 1000, maxMs: 60_000 }
const id = fc.stringMatching(/^[0-9a-f]{1,20}$/)

it('doubles with each failure up to the cap, within a quarter', () => {
  fc.assert(
    fc.property(id, fc.integer({ min: 1, max: 5000 }), (text, failures) => {
      const usual = Math.min(60_000, 1000 * 2 ** (failures - 1))
      const wait = backOffMs(text, failures, retries)
      expect(wait).toBeGreaterThanOrEqual(usual * 0.75 - 1)
      expect(wait).toBeLessThanOrEqual(usual * 1.25 + 1)
    }),
  )
})

it('gives the same job the same wait, and different jobs different ones', () => {
  expect(backOffMs('a', 3, retries)).toBe(backOffMs('a', 3, retries))
  const waits = new Set(Array.from({ length: 50 }, (_, n) => backOffMs(`job-${n}`, 3, retries)))
  expect(waits.size).toBeGreaterThan(40)
})
