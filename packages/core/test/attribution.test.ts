import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAttribution, OTHER_JOBS } from '../src/ledger/attribution.ts'
import { nonNegativeFit } from '../src/ledger/non-negative-fit.ts'
import { systemClock, type Clock } from '../src/process/clock.ts'
import { simulate, type SimulatedKind } from './leaky-jobs.ts'
import { seeded } from './policies/context.ts'

const MB = 1_000_000
const plain: SimulatedKind = { ms: 30, weight: 4, garbageBytes: 50_000 }
const greedy: SimulatedKind = { ms: 30, weight: 1, garbageBytes: MB }

const workloads: Record<string, Record<string, SimulatedKind>> = {
  'short runs': {
    leak: { ms: 30, weight: 1, leakBytes: 200_000 },
    plain,
    other: plain,
    greedy,
  },
  'long runs that leak at their start': {
    leak: { ms: 3000, weight: 1, leakBytes: 5 * MB, leaksAt: 'start' },
    long: { ms: 3000, weight: 1 },
    plain: { ...plain, weight: 40 },
    greedy: { ...greedy, weight: 10 },
  },
  'long runs that leak as they go': {
    leak: { ms: 5000, weight: 1, leakBytes: 5 * MB, leaksAt: 'run' },
    plain: { ...plain, weight: 40 },
    slower: { ...plain, ms: 300, weight: 10 },
    greedy: { ...greedy, weight: 10 },
  },
  'long runs that leak at their end': {
    leak: { ms: 3000, weight: 1, leakBytes: 5 * MB },
    long: { ms: 3000, weight: 1 },
    plain: { ...plain, weight: 40 },
    greedy: { ...greedy, weight: 10 },
  },
  'a rare leaking kind': {
    leak: { ms: 500, weight: 1, leakBytes: 3 * MB },
    plain: { ms: 10, weight: 500, garbageBytes: 100_000 },
    other: { ms: 20, weight: 300, garbageBytes: 50_000 },
  },
}

for (const [name, kinds] of Object.entries(workloads)) {
  test.each([1, 2, 3])(`${name}: the leak is first after a minute (seed %i)`, (seed) => {
    const { report } = simulate({ kinds, forMs: 60_000, seed })
    expect(report[0]?.name).toBe('leak')
  })

  test.each([1, 2, 3])(`${name}: and well estimated after five (seed %i)`, (seed) => {
    const { report, leakedBytes } = simulate({ kinds, forMs: 300_000, seed })
    const [first, ...innocents] = report
    expect(first?.name).toBe('leak')
    expect(first!.totalBytes / leakedBytes).toBeGreaterThan(0.7)
    expect(first!.totalBytes / leakedBytes).toBeLessThan(1.15)
    expect(first!.bytesPerRun).toBe(Math.round(first!.totalBytes / first!.runs))
    for (const { totalBytes } of innocents) expect(totalBytes).toBeLessThan(0.3 * leakedBytes)
  })
}

test('two leaking kinds come before those that do not', () => {
  const { report } = simulate({
    kinds: {
      small: { ms: 50, weight: 1, leakBytes: 200_000 },
      large: { ms: 200, weight: 1, leakBytes: 600_000, leaksAt: 'run' },
      plain,
      greedy: { ...greedy, weight: 2 },
    },
    forMs: 300_000,
    seed: 5,
  })
  expect(report.slice(0, 2).map(({ name }) => name)).toEqual(['large', 'small'])
})

test('a worker that does not leak shows next to nothing', () => {
  const { report } = simulate({ kinds: { plain, greedy }, forMs: 300_000, seed: 2 })
  const total = report.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
  expect(report.map(({ runs }) => runs > 0)).toEqual([true, true])
  // The garbage alone sways by 30 MB.
  expect(total).toBeLessThan(10 * MB)
})

test('a worker that shrinks has grown by nothing', () => {
  const { report } = simulate({
    kinds: { plain, other: plain },
    forMs: 60_000,
    seed: 1,
    otherBytes: (ms) => 500 * MB - ms * 5000,
  })
  for (const { totalBytes } of report) expect(totalBytes).toBe(0)
})

/** A clock that the test turns. */
const handClock = (): Clock & { ms: number } => ({
  ms: 0,
  nowMs() {
    return this.ms
  },
  epochMs() {
    return this.ms
  },
  setTimer: () => () => undefined,
})

test('memory is read no more often than asked, however many jobs run', () => {
  const clock = handClock()
  let reads = 0
  const attribution = createAttribution({ clock, readBytes: () => (reads += 1) })
  for (let job = 0; job < 40_000; job += 1) {
    clock.ms = job / 40
    attribution.started('noop')
    attribution.settled('noop')
  }
  expect(reads).toBe(10)
  expect(attribution.report()).toMatchObject([{ name: 'noop', runs: 40_000 }])
})

test('names beyond the limit are counted together', () => {
  const clock = handClock()
  const attribution = createAttribution({ clock, readBytes: () => 0, maxNames: 2 })
  for (let job = 0; job < 1000; job += 1) {
    attribution.started(`name-${job}`)
    attribution.settled(`name-${job}`)
  }
  const runs = Object.fromEntries(attribution.report().map((growth) => [growth.name, growth.runs]))
  expect(runs).toEqual({ 'name-0': 1, 'name-1': 1, [OTHER_JOBS]: 998 })
})

test('an end without a beginning, and a report before any job, are harmless', () => {
  const attribution = createAttribution({ clock: handClock(), readBytes: () => 100 })
  expect(attribution.report()).toEqual([])
  attribution.settled('stranger')
  expect(attribution.report()).toEqual([
    { name: 'stranger', bytesPerRun: 0, totalBytes: 0, runs: 0 },
  ])
})

test('a run that never ends is found by the time that it takes', () => {
  const clock = handClock()
  const random = seeded(4)
  const attribution = createAttribution({ clock, readBytes: () => clock.ms * 1000 })
  attribution.started('endless')
  for (let tick = 0; tick < 400; tick += 1) {
    clock.ms += 200
    for (let ping = random(); ping > 0.3; ping -= 0.2) {
      attribution.started('ping')
      attribution.settled('ping')
    }
  }
  const [first] = attribution.report()
  expect(first).toMatchObject({ name: 'endless', runs: 1 })
  expect(first!.totalBytes / (80 * MB)).toBeCloseTo(1, 1)
})

test('no more is attributed than memory has grown by in the end', () => {
  const clock = handClock()
  let runs = 0
  // Grows by 1 MB a run, then gives nearly all of it back.
  const readBytes = () => (runs <= 511 ? runs * MB : 10 * MB)
  const attribution = createAttribution({ clock, readBytes })
  for (; runs < 1000; runs += 1) {
    clock.ms += 200
    attribution.started('job')
    clock.ms += 1
    attribution.settled('job')
  }
  expect(attribution.report()[0]?.totalBytes).toBe(10 * MB)
})

test('a real leak in this process comes first', () => {
  const held: Buffer[] = []
  const jobs: Record<string, () => void> = {
    leak: () => held.push(Buffer.alloc(MB, held.length % 256)),
    greedy: () => void Array.from({ length: 2000 }, (_, index) => ({ index })).length,
    plain: () => void JSON.stringify({ job: held.length }),
  }
  const attribution = createAttribution({ clock: systemClock, minIntervalMs: 0 })
  const random = seeded(11)
  for (let run = 0; run < 600; run += 1) {
    const name = Object.keys(jobs)[Math.floor(random() * 3)]!
    attribution.started(name)
    jobs[name]?.()
    attribution.settled(name)
  }
  const report = attribution.report()
  expect(held.length).toBeGreaterThan(150)
  expect(report[0]?.name).toBe('leak')
  expect(report[0]!.bytesPerRun).toBeGreaterThan(MB / 2)
})

test('options are checked', () => {
  expect(() => createAttribution({ clock: systemClock, minIntervalMs: -1 })).toThrow(
    '`minIntervalMs`',
  )
  expect(() => createAttribution({ clock: systemClock, maxNames: 0 })).toThrow('`maxNames`')
})

test('the fit is never negative, and never worse than nothing', () => {
  const cell = fc.integer({ min: -20, max: 20 })
  const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(rows, (data) => {
      const sum = (i: number, j: number) => data.reduce((s, row) => s + row[i]! * row[j]!, 0)
      const fit = nonNegativeFit({
        size: 3,
        at: sum,
        right: [sum(0, 3), sum(1, 3), sum(2, 3)],
      })
      expect([...fit].every((value) => value >= 0 && Number.isFinite(value))).toBe(true)
      const error = data.reduce((s, [a, b, c, y]) => {
        const guess = fit[0]! * a + fit[1]! * b + fit[2]! * c
        return s + (y - guess) ** 2
      }, 0)
      expect(error).toBeLessThanOrEqual(sum(3, 3) * (1 + 1e-6) + 1e-6)
    }),
    { numRuns: 1000 },
  )
})

test('the fit finds coefficients that are not negative', () => {
  const coefficient = fc.integer({ min: 0, max: 1000 })
  fc.assert(
    fc.property(fc.tuple(coefficient, coefficient, coefficient), fc.integer(), (wanted, seed) => {
      const random = seeded(seed)
      const data = Array.from({ length: 60 }, () => [random(), 1000 * random(), random() / 1000])
      const right = data.map((row) => row.reduce((s, x, i) => s + x * wanted[i]!, 0))
      const fit = nonNegativeFit({
        size: 3,
        at: (i, j) => data.reduce((s, row) => s + row[i]! * row[j]!, 0),
        right: [0, 1, 2].map((i) => data.reduce((s, row, k) => s + row[i]! * right[k]!, 0)),
      })
      // The ridge shifts each by a hair of the largest contribution.
      const scale = [1, 1000, 0.001]
      const largest = Math.max(...wanted.map((value, i) => value * scale[i]!), 1e-9)
      for (const [i, value] of wanted.entries()) {
        expect(Math.abs(fit[i]! - value) * scale[i]!).toBeLessThan(0.001 * largest)
      }
    }),
  )
})
