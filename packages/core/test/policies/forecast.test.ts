import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Verdict } from '../../src/contracts/policy.ts'
import { forecast } from '../../src/policies/forecast.ts'
import { slope, timeToLimitMs } from '../../src/policies/slope.ts'
import {
  always,
  codes,
  contextOf,
  heldCodes,
  LIMIT,
  readingAt,
  seeded,
  traceOf,
  word,
} from './context.ts'

const keep: Verdict = { action: 'keep', reasons: [] }
const slow: Verdict = { action: 'slowDown', reasons: [{ code: 'why', message: 'why' }] }
const soft = (...held: string[]): Verdict => ({
  action: 'recycle',
  urgency: 'soft',
  reasons: [{ code: 'why', message: 'why' }],
  heldBy: held.map((code) => ({ code, message: code })),
})
const hard: Verdict = { action: 'recycle', urgency: 'hard', reasons: [], heldBy: [] }

/** Judges the end of a ramp that reaches `ratio` after 40 s, so many per cent of the limit a second. */
const atEndOfRamp = (inner: Verdict, ratio: number, percentPerSec: number, more = {}) => {
  const ramp = (ms: number) => ratio - (percentPerSec / 100) * ((40_000 - ms) / 1000)
  const trace = traceOf(ramp, { forMs: 40_000 })
  return forecast(always(inner)).judge(trace.at(-1)!, contextOf(trace, more))
}

test('slowDown becomes a soft recycle when the limit is near', () => {
  expect(atEndOfRamp(slow, 0.75, 0.3)).toBe(slow)
  const verdict = atEndOfRamp(slow, 0.75, 0.6)
  expect(word(verdict)).toBe('soft')
  expect(verdict.reasons[1]).toEqual({
    code: 'forecast',
    message: 'test.used grows by 6 MiB a second and reaches its limit of 1000 MiB in 41.7 s',
  })
})

test('a quiet moment is waited for no more; other holds stay', () => {
  const verdict = atEndOfRamp(soft('quiet_moment', 'minimum_uptime'), 0.85, 0.4)
  expect(heldCodes(verdict)).toEqual(['minimum_uptime'])
})

test('keep becomes slowDown at most, and only from resume on', () => {
  expect(word(atEndOfRamp(keep, 0.75, 1))).toBe('slowDown')
  expect(atEndOfRamp(keep, 0.69, 1.5)).toBe(keep)
  expect(atEndOfRamp(slow, 0.69, 1.5)).toBe(slow)
})

test('with less time than a drain takes, and from soft on, the recycle is hard', () => {
  expect(word(atEndOfRamp(soft('breaker_open'), 0.85, 0.45))).toBe('held')
  expect(word(atEndOfRamp(soft('breaker_open'), 0.85, 0.6))).toBe('hard')
  expect(word(atEndOfRamp(slow, 0.79, 1.5))).toBe('soft')
  expect(atEndOfRamp(hard, 0.95, 1.5)).toBe(hard)
})

test('a drain takes as long as the worker says, and no horizon is shorter', () => {
  // 20 % left at 0.5 % a second: 40 s.
  expect(word(atEndOfRamp(slow, 0.8, 0.5))).toBe('soft')
  expect(word(atEndOfRamp(slow, 0.8, 0.5, { drainMs: 50_000 }))).toBe('hard')
  const trace = traceOf((ms) => 0.8 - 0.005 * ((40_000 - ms) / 1000), { forMs: 40_000 })
  const policy = forecast(always(slow), { horizonMs: 35_000 })
  expect(word(policy.judge(trace.at(-1)!, contextOf(trace)))).toBe('slowDown')
  expect(word(policy.judge(trace.at(-1)!, contextOf(trace, { drainMs: 50_000 })))).toBe('hard')
})

test('a start-up is no leak', () => {
  expect(atEndOfRamp(slow, 0.85, 1.5, { uptimeMs: 40_000 })).toBe(slow)
  expect(atEndOfRamp(slow, 0.85, 1.5, { uptimeMs: 75_000 })).toBe(slow)
  expect(word(atEndOfRamp(slow, 0.85, 1.5, { uptimeMs: 81_000 }))).toBe('hard')
})

test('too few readings, or none with memory, forecast nothing', () => {
  const policy = forecast(always(slow))
  const short = traceOf((ms) => 0.8 + ms / 1_000_000, { forMs: 19_000 })
  expect(policy.judge(short.at(-1)!, contextOf(short))).toBe(slow)
  const sparse = traceOf((ms) => 0.6 + ms / 200_000, { forMs: 40_000, everyMs: 10_000 })
  expect(policy.judge(sparse.at(-1)!, contextOf(sparse))).toBe(slow)
  const psi = { monitor: 'psi', metric: 'psi', atMs: 0 }
  expect(policy.judge(psi, contextOf([psi], { limitBytes: LIMIT }))).toBe(slow)
})

test('what has been as high before is no growth', () => {
  const curve = (ms: number) => (ms < 60_000 ? 0.84 : 0.6 + (ms - 60_000) / 160_000)
  const trace = traceOf(curve, { forMs: 100_000 })
  const policy = forecast(always(slow))
  expect(policy.judge(trace.at(-1)!, contextOf(trace))).toBe(slow)
  const fresh = trace.slice(61)
  expect(codes(policy.judge(fresh.at(-1)!, contextOf(fresh)).reasons)).toContain('forecast')
})

test('never weaker than the policy inside', () => {
  const inner = fc.constantFrom(keep, slow, soft(), soft('quiet_moment'), soft('x'), hard)
  const rank = (verdict: Verdict) =>
    ['keep', 'slowDown', 'held', 'soft', 'hard'].indexOf(word(verdict))
  const ratios = fc.array(fc.double({ min: 0, max: 1.1, noNaN: true }), {
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(inner, ratios, (verdict, values) => {
      const trace = values.map((ratio, index) => readingAt(ratio, index * 1000))
      const after = forecast(always(verdict)).judge(trace.at(-1)!, contextOf(trace))
      expect(rank(after)).toBeGreaterThanOrEqual(rank(verdict))
    }),
  )
})

test('the slope of a line is the line’s, outliers or not', () => {
  const random = seeded(1)
  const line = traceOf((ms) => 0.2 + ms / 1_000_000 + 0.002 * random(), { forMs: 60_000 })
  const spoiled = line.map((reading, index) =>
    index % 7 === 3 ? { ...reading, usedBytes: LIMIT } : reading,
  )
  const perSec = LIMIT / 1000
  expect(slope(line)!.bytesPerSec / perSec).toBeCloseTo(1, 1)
  expect(slope(line)!.confidence).toBeGreaterThan(0.95)
  expect(slope(spoiled)!.bytesPerSec / perSec).toBeCloseTo(1, 0)
})

test('noise has no slope to be sure of', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const random = seeded(seed)
    const found = slope(traceOf(() => 0.5 + 0.1 * random(), { forMs: 60_000 }))!
    expect(Math.abs(found.confidence)).toBeLessThan(0.6)
  }
})

test('one reading, or several at once, have no slope', () => {
  expect(slope([])).toBeUndefined()
  expect(slope([readingAt(0.5)])).toBeUndefined()
  expect(slope([readingAt(0.5), readingAt(0.6)])).toBeUndefined()
  expect(slope([readingAt(0.5, 0), readingAt(0.4, 1000)])?.confidence).toBe(-1)
})

test('the time to the limit is never negative', () => {
  expect(timeToLimitMs(50, 100, 10)).toBe(5000)
  expect(timeToLimitMs(100, 100, 10)).toBe(0)
  expect(timeToLimitMs(120, 100, -10)).toBe(0)
  expect(timeToLimitMs(50, 100, 0)).toBe(Infinity)
  expect(timeToLimitMs(50, 100, -1)).toBe(Infinity)
})

test('options are checked', () => {
  const inner = always(keep)
  expect(() => forecast(inner, { resume: 0.9 })).toThrow('`resume`')
  expect(() => forecast(inner, { horizonMs: 10_000 })).toThrow('`horizonMs`')
  expect(() => forecast(inner, { minReadings: 1 })).toThrow('`minReadings`')
  expect(() => forecast(inner, { minConfidence: 2 })).toThrow('`minConfidence`')
})
