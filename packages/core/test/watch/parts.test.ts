import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/contracts/policy.ts'
import { createEvents } from '../../src/events.ts'
import { silentLogger } from '../../src/logger.ts'
import { inFlightLow, type InFlightSample } from '../../src/watch/in-flight-low.ts'
import { addReading, createSeries } from '../../src/watch/series.ts'
import { createVerdictLog } from '../../src/watch/verdict-log.ts'

const lowest = (all: readonly InFlightSample[], afterMs: number) =>
  Math.min(...all.filter(({ atMs }) => atMs > afterMs).map(({ count }) => count))

describe('inFlightLow', () => {
  it('is the smallest count of the last minute, for any samples', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), fc.nat(20)), {
      minLength: 1,
    })
    fc.assert(
      fc.property(steps, (all) => {
        const samples: InFlightSample[] = []
        const seen: InFlightSample[] = []
        let atMs = 0
        for (const [afterMs, count] of all) {
          atMs += afterMs
          seen.push({ atMs, count })
          expect(inFlightLow(samples, { atMs, count })).toBe(lowest(seen, atMs - 60_000))
        }
      }),
    )
  })
})

describe('addReading', () => {
  const reading = (atMs: number) => ({ monitor: 'one', metric: 'used', atMs })

  it('forgets what is older than a quarter of an hour, in time', () => {
    const series = createSeries('one')
    for (let atMs = 0; atMs <= 3_600_000; atMs += 10_000) addReading(series, reading(atMs))
    expect(series.history.at(-1)?.atMs).toBe(3_600_000)
    expect(series.history.length).toBeLessThanOrEqual(2 * 91)
    expect(series.history.length).toBeGreaterThanOrEqual(90)
  })

  it('keeps no more than 2,000 readings, however fast they come', () => {
    const series = createSeries('one')
    for (let atMs = 0; atMs < 10_000; atMs++) {
      addReading(series, reading(atMs))
      expect(series.history.length).toBeLessThanOrEqual(2000)
    }
    expect(series.history.at(-1)?.atMs).toBe(9999)
  })
})

describe('createVerdictLog', () => {
  const reading = { monitor: 'one', metric: 'used', atMs: 0 }
  const soft = (...held: string[]): Verdict => ({
    action: 'recycle',
    urgency: 'soft',
    reasons: [{ code: 'high', message: '' }],
    heldBy: held.map((code) => ({ code, message: '' })),
  })
  const heardBy = (verdicts: readonly Verdict[]) => {
    const events = createEvents('a:1:abcdef', silentLogger)
    const heard: string[] = []
    for (const name of ['verdict:reached', 'recycle:held', 'limit:found-too-low'] as const) {
      events.on(name, () => heard.push(name))
    }
    const log = createVerdictLog(events)
    const changed = verdicts.map((verdict) => log.note(verdict, reading))
    return { heard, changed }
  }

  it('is silent about calm, and about what does not change', () => {
    const keep: Verdict = { action: 'keep', reasons: [] }
    expect(heardBy([keep, soft(), soft(), keep, keep])).toEqual({
      heard: ['verdict:reached', 'verdict:reached'],
      changed: [false, true, false, true, false],
    })
  })

  it('tells once, as long as it lasts, that the limit is too low', () => {
    const { heard } = heardBy([
      soft('limit_below_baseline'),
      soft('limit_below_baseline', 'breaker'),
      soft('breaker'),
      soft('limit_below_baseline'),
    ])
    expect(heard.filter((name) => name === 'limit:found-too-low')).toHaveLength(2)
    expect(heard.filter((name) => name === 'recycle:held')).toHaveLength(4)
  })
})
