import { expect, test } from 'vitest'
import type { Reading } from '../../src/contracts/monitor.ts'
import { defaultPolicy } from '../../src/policies/default-policy.ts'
import {
  codes,
  EPOCH_MS,
  heldCodes,
  judge,
  lease,
  LIMIT,
  OLD_MS,
  readingAt,
  replay,
  seeded,
  traceOf,
  word,
  type Step,
} from './context.ts'

// Without jitter, so that the curves can be drawn exactly.
const policy = defaultPolicy({ jitter: 0 })
const MINUTE = 60_000

const words = (steps: readonly Step[]) => new Set(steps.map((step) => step.word))
const first = (steps: readonly Step[], wanted: string) => steps.find((step) => step.word === wanted)

test('a slow ramp is slowed down at soft and recycled softly when it lasts', () => {
  const steps = replay(
    policy,
    traceOf((ms) => 0.5 + ms / 6_000_000, { forMs: 40 * MINUTE }),
  )
  const slow = first(steps, 'slowDown')
  const soft = first(steps, 'soft')
  expect(slow?.reading.usedBytes).toBeCloseTo(0.8 * LIMIT, -6)
  expect(soft!.reading.atMs - slow!.reading.atMs).toBeGreaterThanOrEqual(24_000)
  expect(soft!.reading.atMs - slow!.reading.atMs).toBeLessThanOrEqual(31_000)
  expect(codes(soft!.verdict.reasons)).toEqual(['soft_threshold'])
  expect(words(steps.slice(0, steps.indexOf(slow!)))).toEqual(new Set(['keep']))
})

test.each([250, 1000, 2000])('a ramp is not missed when read every %i ms', (everyMs) => {
  const curve = (ms: number) => Math.min(0.4 + ms / 600_000, 0.85)
  const steps = replay(policy, traceOf(curve, { forMs: 10 * MINUTE, everyMs }))
  expect(first(steps, 'soft')?.reading.usedBytes).toBeLessThan(0.86 * LIMIT)
  expect(first(steps, 'hard')).toBeUndefined()
})

test.each([
  { mbPerSec: 5, gib: 0.5 },
  { mbPerSec: 10, gib: 1 },
  { mbPerSec: 50, gib: 2 },
])('a leak of $mbPerSec MB/s in $gib GiB is recycled well below the limit', (leak) => {
  const bytesPerMs = leak.mbPerSec * 1000
  const limit = leak.gib * 1024 ** 3
  const steps = replay(
    policy,
    traceOf((ms) => 0.2 + (ms * bytesPerMs) / limit, { forMs: 90_000 }),
  )
  const begun = steps.find((step) => step.word === 'soft' || step.word === 'hard')
  expect(begun!.reading.usedBytes).toBeLessThan(0.84 * LIMIT)
  expect(codes(begun!.verdict.reasons)).toContain('forecast')
})

test('a burst above soft is slowed down, and over without a recycle', () => {
  const curve = (ms: number) => (ms >= 60_000 && ms < 75_000 ? 0.86 : 0.5)
  expect(words(replay(policy, traceOf(curve, { forMs: 3 * MINUTE })))).toEqual(
    new Set(['keep', 'slowDown']),
  )
})

test('bursts that come again and again are no recycle either', () => {
  const curve = (ms: number) => 0.5 + 0.36 * Number(ms % 40_000 < 12_000)
  expect(words(replay(policy, traceOf(curve, { forMs: 10 * MINUTE })))).toEqual(
    new Set(['keep', 'slowDown']),
  )
})

test('one reading above hard is a peak, two are a recycle', () => {
  const peak = (readings: number) => (ms: number) =>
    ms >= 60_000 && ms < 60_000 + readings * 1000 ? 0.94 : 0.5
  expect(first(replay(policy, traceOf(peak(1), { forMs: 2 * MINUTE })), 'hard')).toBeUndefined()
  const hard = first(replay(policy, traceOf(peak(2), { forMs: 2 * MINUTE })), 'hard')
  expect(hard?.reading.atMs).toBe(61_000)
  expect(codes(hard!.verdict.reasons)).toContain('hard_threshold')
})

test('two readings in the same instant are one', () => {
  const trace = [readingAt(0.5, 0), readingAt(0.94, 1000), readingAt(0.94, 1002)]
  expect(first(replay(policy, trace), 'hard')).toBeUndefined()
})

test('half-way from hard to the limit there is no time for a second reading', () => {
  const curve = (ms: number) => (ms === 60_000 ? 0.97 : 0.5)
  const hard = first(replay(policy, traceOf(curve, { forMs: 2 * MINUTE })), 'hard')
  expect(hard?.reading.atMs).toBe(60_000)
  expect(codes(hard!.verdict.reasons)).toContain('near_limit')
})

test.each([{ oom: 1 }, { oomKill: 2 }])('%o is a hard recycle whatever the use', (events) => {
  expect(word(judge(policy, readingAt(0.3, 0, { events })))).toBe('hard')
  expect(word(judge(policy, { monitor: 'psi', metric: 'events', atMs: 0, events }))).toBe('hard')
})

test.each([7000, 20_000, 45_000, 120_000, 400_000])(
  'a sawtooth of %i ms below soft raises no alarm',
  (periodMs) => {
    const random = seeded(periodMs)
    const curve = (ms: number) => 0.45 + 0.32 * ((ms % periodMs) / periodMs) + 0.01 * random()
    const steps = replay(policy, traceOf(curve, { forMs: 20 * MINUTE }), ({ atMs }) => ({
      uptimeMs: atMs,
    }))
    expect(words(steps)).toEqual(new Set(['keep']))
  },
)

test.each([7000, 20_000, 45_000])(
  'a sawtooth of %i ms whose teeth pass soft is no recycle',
  (periodMs) => {
    const curve = (ms: number) => 0.55 + 0.31 * ((ms % periodMs) / periodMs)
    const steps = replay(policy, traceOf(curve, { forMs: 20 * MINUTE }), ({ atMs }) => ({
      uptimeMs: atMs,
    }))
    expect(words(steps)).toEqual(new Set(['keep', 'slowDown']))
  },
)

test('a leak beneath a sawtooth is found', () => {
  const curve = (ms: number) => 0.4 + ms / 2_400_000 + 0.08 * ((ms % 15_000) / 15_000)
  const steps = replay(policy, traceOf(curve, { forMs: 20 * MINUTE }))
  expect(first(steps, 'soft')?.reading.usedBytes).toBeLessThan(0.9 * LIMIT)
  expect(first(steps.slice(0, steps.indexOf(first(steps, 'soft')!)), 'hard')).toBeUndefined()
})

test('noise around a level below resume is kept', () => {
  const random = seeded(3)
  const steps = replay(
    policy,
    traceOf(() => 0.62 + 0.07 * random(), { forMs: 30 * MINUTE }),
  )
  expect(words(steps)).toEqual(new Set(['keep']))
})

test('a page-cache flood is stalls and max events at a steady use: no recycle', () => {
  const trace = traceOf(() => 0.45, { forMs: 10 * MINUTE }).map((reading) => ({
    ...reading,
    stall: { windowMs: 1000, someMs: 400, fullMs: 200 },
    events: { high: 12, max: 40 },
  }))
  expect(words(replay(policy, trace))).toEqual(new Set(['keep']))
})

test('stalls with enough memory in use are a soft recycle', () => {
  const trace = traceOf(() => 0.65, { forMs: 2 * MINUTE }).map((reading) => ({
    ...reading,
    stall: { windowMs: 1000, someMs: 200 },
  }))
  const soft = first(replay(policy, trace), 'soft')
  expect(codes(soft!.verdict.reasons)).toEqual(['stall_some', 'used_ratio'])
})

test('readings of stalls alone break nothing, and look for memory in the other readings', () => {
  const trace = Array.from({ length: 61 }, (_, i): Reading => ({
    monitor: 'psi',
    metric: 'psi.memory',
    atMs: i * 1000,
    stall: { windowMs: 1000, someMs: 300 },
  }))
  const alone = replay(policy, trace)
  expect(words(alone)).toEqual(new Set(['keep']))
  expect(codes(alone.at(-1)!.verdict.reasons)).toContain('not_corroborated')
  const beside = replay(policy, trace, ({ atMs }) => ({ latest: [readingAt(0.7, atMs)] }))
  expect(first(beside, 'soft')).toBeDefined()
  const stale = replay(policy, trace, ({ atMs }) => ({ latest: [readingAt(0.7, atMs - 31_000)] }))
  expect(first(stale, 'soft')).toBeUndefined()
})

const above = traceOf(() => 0.85, { forMs: 10 * MINUTE })

test('a young worker is held until it is five minutes old', () => {
  const steps = replay(policy, above, ({ atMs }) => ({ uptimeMs: atMs }))
  const held = first(steps, 'held')
  expect(heldCodes(held!.verdict)).toEqual(['minimum_uptime'])
  expect(first(steps, 'soft')?.reading.atMs).toBe(5 * MINUTE)
})

test('every gate that is closed says so', () => {
  const recycles = [1, 2, 3].map((minutes) => ({
    atEpochMs: EPOCH_MS - minutes * MINUTE,
    beforeBytes: 0.85 * LIMIT,
    afterBytes: 0.8 * LIMIT,
  }))
  const inFlight = [lease('a'), lease('b')]
  const steps = replay(policy, above, ({ atMs }) => ({ uptimeMs: atMs, recycles, inFlight }))
  expect(heldCodes(steps[31]!.verdict)).toEqual([
    'quiet_moment',
    'minimum_uptime',
    'limit_below_baseline',
    'breaker_open',
  ])
})

test('a quiet moment is waited for, five minutes at most', () => {
  const busy = replay(policy, above, () => ({ inFlight: [lease('a'), lease('b')], inFlightLow: 1 }))
  expect(heldCodes(first(busy, 'held')!.verdict)).toEqual(['quiet_moment'])
  expect(first(busy, 'soft')!.reading.atMs - first(busy, 'held')!.reading.atMs).toBe(5 * MINUTE)
  const quiet = replay(policy, above, ({ atMs }) => ({
    inFlight: atMs < 100_000 ? [lease('a')] : [],
  }))
  expect(first(quiet, 'soft')?.reading.atMs).toBe(100_000)
})

test('a fresh process near its limit is never recycled softly, and always says why', () => {
  const steps = replay(policy, above, () => ({ baseline: readingAt(0.75) }))
  expect(first(steps, 'soft')).toBeUndefined()
  expect(heldCodes(steps.at(-1)!.verdict)).toEqual(['limit_below_baseline'])
})

test('an allowance is off the use of soft, never of hard', () => {
  const allowing = defaultPolicy({ jitter: 0, allowances: { report: 0.1 * LIMIT } })
  const running = () => ({ inFlight: [lease('report')], inFlightLow: 1 })
  expect(words(replay(allowing, above, running))).toEqual(new Set(['keep']))
  expect(first(replay(allowing, above), 'soft')).toBeDefined()
  const high = traceOf((ms) => (ms < 1000 ? 0.5 : 0.94), { forMs: 5000 })
  expect(first(replay(allowing, high, running), 'hard')).toBeDefined()
})

test('the enforcer’s limit governs readings without one; without any, nothing is judged', () => {
  const bare = above.map(({ limitBytes: _, ...reading }) => reading)
  expect(
    first(
      replay(policy, bare, () => ({ limitBytes: LIMIT })),
      'soft',
    ),
  ).toBeDefined()
  expect(words(replay(policy, bare))).toEqual(new Set(['keep']))
})

test('jitter spreads workers over five percent, downwards only', () => {
  const jittered = defaultPolicy()
  const crossings = Array.from({ length: 40 }, (_, worker) => {
    const ramp = traceOf((ms) => 0.74 + ms / 1_000_000, { forMs: 80_000, everyMs: 500 })
    const steps = replay(jittered, ramp, () => ({ seed: `host:${worker}:abcdef` }))
    return first(steps, 'slowDown')!.reading.usedBytes! / LIMIT
  })
  expect(Math.min(...crossings)).toBeGreaterThanOrEqual(0.76)
  expect(Math.max(...crossings)).toBeLessThanOrEqual(0.801)
  expect(Math.max(...crossings) - Math.min(...crossings)).toBeGreaterThan(0.03)
})

test('parts can be left out', () => {
  const bare = defaultPolicy({
    jitter: 0,
    minimumUptimeMs: 0,
    quietMoment: false,
    forecast: false,
    stall: false,
    breaker: false,
    ineffective: false,
    softSustained: { of: 1, minMs: 0 },
  })
  const context = { uptimeMs: 0, inFlight: [lease('a')], baseline: readingAt(0.79) }
  expect(word(judge(bare, readingAt(0.81), context))).toBe('soft')
})

test.each([
  [{ soft: 0.95 }, '`resume` < `soft` < `hard`'],
  [{ atOnce: 0.9 }, '`atOnce`'],
  [{ jitter: 0.6 }, '`max`'],
  [{ minimumUptimeMs: -1 }, '`minMs`'],
  [{ drainMs: Number.NaN }, '`drainMs`'],
  [{ stall: { someRatio: 0 } }, '`threshold`'],
  [{ allowances: { a: -1 } }, '`byName.a`'],
])('refuses %o at once', (options, message) => {
  expect(() => defaultPolicy(options)).toThrow(TypeError)
  expect(() => defaultPolicy(options)).toThrow(message)
})

test('a calm hour costs no verdict and an old worker needs no history', () => {
  expect(
    words(
      replay(
        policy,
        traceOf(() => 0.3, { forMs: OLD_MS, everyMs: 10_000 }),
      ),
    ),
  ).toEqual(new Set(['keep']))
})
