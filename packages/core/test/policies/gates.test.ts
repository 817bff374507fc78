import { expect, test } from 'vitest'
import type { Policy, Verdict } from '../../src/contracts/policy.ts'
import { above } from '../../src/policies/above.ts'
import { corroborated } from '../../src/policies/corroborated.ts'
import { jittered, seededShare } from '../../src/policies/jittered.ts'
import { maximumUptime } from '../../src/policies/maximum-uptime.ts'
import { minimumUptime } from '../../src/policies/minimum-uptime.ts'
import { perJobAllowance } from '../../src/policies/per-job-allowance.ts'
import { quietMoment } from '../../src/policies/quiet-moment.ts'
import { sustained } from '../../src/policies/sustained.ts'
import {
  always,
  codes,
  contextOf,
  heldCodes,
  judge,
  lease,
  LIMIT,
  readingAt,
  traceOf,
  word,
} from './context.ts'

const reading = readingAt(0.85)
const because = [{ code: 'because', message: 'Because' }]
const soft: Verdict = { action: 'recycle', urgency: 'soft', reasons: because, heldBy: [] }
const hard: Verdict = { action: 'recycle', urgency: 'hard', reasons: because, heldBy: [] }
const busy = { inFlight: [lease('a'), lease('b')], inFlightLow: 1 }

test.each<[string, (inner: Policy) => Policy]>([
  ['minimumUptime', (inner) => minimumUptime(inner, 60_000)],
  ['quietMoment', (inner) => quietMoment(inner)],
])('%s holds soft and nothing else', (_name, gate) => {
  const context = { ...busy, uptimeMs: 0 }
  expect(word(judge(gate(always(soft)), reading, context))).toBe('held')
  for (const other of [
    hard,
    { action: 'slowDown', reasons: because },
    { action: 'keep', reasons: [] },
  ] as Verdict[]) {
    expect(judge(gate(always(other)), reading, context)).toEqual(other)
  }
  expect(judge(gate(always(soft)), reading)).toEqual(soft)
})

test('minimum uptime ends to the millisecond', () => {
  const policy = minimumUptime(always(soft), 60_000)
  expect(heldCodes(judge(policy, reading, { uptimeMs: 59_999 }))).toEqual(['minimum_uptime'])
  expect(word(judge(policy, reading, { uptimeMs: 60_000 }))).toBe('soft')
  expect(() => minimumUptime(always(soft), -1)).toThrow('`minMs`')
})

test('holds add up', () => {
  const policy = quietMoment(minimumUptime(always(soft)))
  expect(heldCodes(judge(policy, reading, { ...busy, uptimeMs: 0 }))).toEqual([
    'minimum_uptime',
    'quiet_moment',
  ])
})

test('a moment is quiet when no job runs, or none fewer ran of late', () => {
  const policy = quietMoment(always(soft), { deadlineMs: 10_000 })
  expect(word(judge(policy, reading, { inFlight: [], inFlightLow: 0 }))).toBe('soft')
  expect(word(judge(policy, reading, { ...busy, inFlightLow: 2 }))).toBe('soft')
  expect(word(judge(policy, reading, { ...busy, wantedForMs: 9999 }))).toBe('held')
  expect(word(judge(policy, reading, { ...busy, wantedForMs: 10_000 }))).toBe('soft')
  expect(() => quietMoment(always(soft), { deadlineMs: Number.NaN })).toThrow('`deadlineMs`')
})

test('maximum uptime is staggered by the seed, downwards', () => {
  const policy = maximumUptime(100_000, 0.2)
  const dues = Array.from({ length: 50 }, (_, worker) => {
    const seed = `w:${worker}:ab`
    const at = (uptimeMs: number) => word(judge(policy, reading, { seed, uptimeMs }))
    expect([at(79_999), at(100_000)]).toEqual(['keep', 'soft'])
    return 100_000 * (1 - 0.2 * seededShare(seed))
  })
  expect(Math.max(...dues) - Math.min(...dues)).toBeGreaterThan(15_000)
  expect(() => maximumUptime(0)).toThrow('`maxMs`')
  expect(() => maximumUptime(1, 2)).toThrow('`stagger`')
})

test('a witness must agree, and be fresh', () => {
  const policy = corroborated(always(soft), above('usedRatio', 0.6), { maxAgeMs: 5000 })
  const psi = { monitor: 'psi', metric: 'psi', atMs: 10_000, stall: { windowMs: 1, someMs: 1 } }
  const alone = judge(policy, psi)
  expect(alone.action).toBe('keep')
  expect(codes(alone.reasons)).toEqual(['because', 'not_corroborated'])
  const agreed = judge(policy, psi, { latest: [psi, readingAt(0.7, 5000)] })
  expect(word(agreed)).toBe('soft')
  expect(codes(agreed.reasons)).toEqual(['because', 'used_ratio'])
  expect(word(judge(policy, psi, { latest: [psi, readingAt(0.7, 4999)] }))).toBe('keep')
  expect(word(judge(policy, psi, { latest: [psi, readingAt(0.5, 10_000)] }))).toBe('keep')
  expect(word(judge(corroborated(always(hard), above('usedRatio', 0.6)), psi))).toBe('hard')
})

test('jitter lowers by the same share for the same seed, evenly over seeds', () => {
  const lowered: number[] = []
  const policy = jittered(
    (lower) => {
      lowered.push(lower(1))
      return always(soft)
    },
    { max: 0.05 },
  )
  for (let worker = 0; worker < 400; worker += 1)
    judge(policy, reading, { seed: `host:${worker}:a` })
  judge(policy, reading, { seed: 'host:0:a' })
  expect(lowered[0]).toBe(1)
  expect(lowered.at(-1)).toBe(lowered[1])
  const shares = lowered.slice(1, -1)
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.95)
  expect(Math.max(...shares)).toBeLessThanOrEqual(1)
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const from = 0.95 + tenth * 0.005
    const count = shares.filter((share) => share >= from && share < from + 0.005).length
    expect(count).toBeGreaterThan(20)
    expect(count).toBeLessThan(65)
  }
})

test('wrong thresholds inside jitter show at once', () => {
  expect(() => jittered((lower) => above('usedRatio', lower(-1)))).toThrow('`threshold`')
  expect(() => jittered(() => always(soft), { max: 1 })).toThrow('`max`')
})

test('an allowance counts for each run, while it runs', () => {
  const policy = perJobAllowance(above('usedRatio', 0.8), { byName: { report: 0.1 * LIMIT } })
  const running = (count: number) => ({
    inFlight: Array.from({ length: count }, (_, index) => lease('report', 0, `report-${index}`)),
  })
  expect(word(judge(policy, readingAt(0.85)))).toBe('soft')
  expect(word(judge(policy, readingAt(0.85), { inFlight: [lease('other')] }))).toBe('soft')
  expect(word(judge(policy, readingAt(0.85), running(1)))).toBe('keep')
  expect(word(judge(policy, readingAt(0.95), running(1)))).toBe('soft')
  expect(word(judge(policy, readingAt(0.95), running(2)))).toBe('keep')
  const verdict = judge(policy, readingAt(0.95), running(1))
  expect(verdict.reasons[1]).toEqual({
    code: 'job_allowance',
    message: '100 MiB are allowed to running jobs (report) and not counted',
  })
})

test('an allowance is off the readings since the run began, not those before', () => {
  const policy = perJobAllowance(sustained(above('usedRatio', 0.8), { minMs: 0 }), {
    byName: { report: 0.1 * LIMIT },
  })
  const trace = traceOf(() => 0.85, { forMs: 5000 })
  const startedAt = (ms: number) =>
    word(policy.judge(trace.at(-1)!, contextOf(trace, { inFlight: [lease('report', ms)] })))
  expect(startedAt(4500)).toBe('soft')
  expect(startedAt(3500)).toBe('keep')
})

test('an allowance never softens a hard verdict', () => {
  const policy = perJobAllowance(above('usedRatio', 0.9, { verdict: 'hard' }), {
    byName: { report: 0.5 * LIMIT },
  })
  expect(word(judge(policy, readingAt(0.95), { inFlight: [lease('report')] }))).toBe('hard')
  const psi = { monitor: 'psi', metric: 'psi', atMs: 0 }
  expect(word(judge(policy, psi, { inFlight: [lease('report')] }))).toBe('keep')
  expect(() => perJobAllowance(policy, { byName: { report: Number.NaN } })).toThrow(
    'Expected `byName.report` to be a number of at least 0, got NaN',
  )
})
