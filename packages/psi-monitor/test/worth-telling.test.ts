import type { Reading } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addEvents, isWorthTelling, stalls } from '../src/worth-telling.ts'

const rules = {
  threshold: { type: 'some', thresholdMs: 200, windowMs: 2000 },
  intervals: { calmMs: 1000, closeMs: 50 },
} as const
const readingAt = (atMs: number, more: Partial<Reading> = {}): Reading => ({
  monitor: 'psi',
  metric: 'cgroup.unreclaimable',
  atMs,
  usedBytes: 500,
  limitBytes: 1000,
  ...more,
})
const stall = (someMs: number, fullMs = 0) => ({ windowMs: 2000, someMs, fullMs })
const told = readingAt(0)
const isNews = (sample: Reading, before: Reading | undefined = told) =>
  isWorthTelling(sample, before, rules)

describe('a sample is worth a reading', () => {
  it('when it is the first one', () => {
    expect(isWorthTelling(readingAt(0), undefined, rules)).toBe(true)
  })

  it.each([
    [999, false],
    [1000, true],
    [5000, true],
  ])('when the last reading is as old as `calmMs`: after %s ms, %s', (atMs, expected) => {
    expect(isNews(readingAt(atMs))).toBe(expected)
  })

  it.each([
    [99, 600, false],
    [100, 509, false],
    [100, 510, true],
    [100, 490, true],
    [100, 491, false],
  ])(
    'when memory in use moved by 1 %% of its limit: after %s ms, at %s of 1000, %s',
    (atMs, usedBytes, expected) => {
      expect(isNews(readingAt(atMs, { usedBytes }))).toBe(expected)
    },
  )

  it('when its limit changed', () => {
    expect(isNews(readingAt(100, { limitBytes: 1001 }))).toBe(true)
    expect(isNews(readingAt(99, { limitBytes: 1001 }))).toBe(false)
    const { limitBytes: _gone, ...unlimited } = readingAt(100)
    expect(isNews(unlimited)).toBe(true)
  })

  it('not for memory alone while there is no limit', () => {
    const { limitBytes: _none, ...unlimited } = readingAt(0)
    expect(isNews({ ...unlimited, atMs: 900, usedBytes: 1e12 }, unlimited)).toBe(false)
  })

  it.each([{ oom: 1 }, { oomKill: 1 }, { high: 1, oom: 2 }])(
    'at once when memory ran out: %o',
    (events) => {
      expect(isNews(readingAt(1, { events }))).toBe(true)
    },
  )

  it.each([{ high: 1 }, { max: 1 }])(
    'every 100 ms at most when it is throttled or reclaimed: %o',
    (events) => {
      const more = { events: { high: 0, max: 0, oom: 0, oomKill: 0, ...events } }
      const before = readingAt(0, more)
      expect(isNews(readingAt(99, more), before)).toBe(false)
      expect(isNews(readingAt(100, more), before)).toBe(true)
      // The first one does not wait.
      expect(isNews(readingAt(1, more))).toBe(true)
    },
  )

  it('at once when a stall reaches the threshold', () => {
    expect(isNews(readingAt(1, { stall: stall(199) }))).toBe(false)
    expect(isNews(readingAt(1, { stall: stall(200) }))).toBe(true)
  })

  it('every 100 ms while a stall lasts', () => {
    const before = readingAt(0, { stall: stall(300) })
    expect(isNews(readingAt(99, { stall: stall(400) }), before)).toBe(false)
    expect(isNews(readingAt(100, { stall: stall(400) }), before)).toBe(true)
    expect(isNews(readingAt(100, { stall: stall(100) }), before)).toBe(false)
  })

  it('not for the stalls of the host: a neighbour may be their cause', () => {
    expect(isNews(readingAt(900, { hostStall: stall(2000, 2000) }))).toBe(false)
  })

  it('at least every `calmMs`, whatever was measured', () => {
    const sample = fc.record({
      usedBytes: fc.nat(1000),
      limitBytes: fc.constantFrom(1000, 2000),
      someMs: fc.nat(2000),
    })
    fc.assert(
      fc.property(sample, sample, fc.integer({ min: 1000, max: 1e6 }), (one, other, atMs) => {
        const before = readingAt(0, { ...one, stall: stall(one.someMs) })
        const after = readingAt(atMs, { ...other, stall: stall(other.someMs) })
        expect(isNews(after, before)).toBe(true)
      }),
    )
  })
})

describe('a reading stalls', () => {
  it.each([
    ['some', stall(200, 0), true],
    ['some', stall(199.9, 199.9), false],
    ['full', stall(2000, 199), false],
    ['full', stall(2000, 200), true],
    ['full', { windowMs: 2000, someMs: 500 }, false],
    ['some', undefined, false],
  ] as const)('by `%s` with %o: %s', (type, measured, expected) => {
    const reading = readingAt(0, measured && { stall: measured })
    expect(stalls(reading, { ...rules.threshold, type })).toBe(expected)
  })
})

describe('events of two samples', () => {
  const both = { high: 1, max: 2, oom: 3, oomKill: 4 }

  it('are added one by one', () => {
    expect(addEvents(both, { high: 10, max: 20, oom: 30, oomKill: 40 })).toEqual({
      high: 11,
      max: 22,
      oom: 33,
      oomKill: 44,
    })
    expect(addEvents({ high: 1 }, { oomKill: 2 })).toEqual({
      high: 1,
      max: 0,
      oom: 0,
      oomKill: 2,
    })
  })

  it('are those of one when the other has none', () => {
    expect(addEvents(both, undefined)).toBe(both)
    expect(addEvents(undefined, both)).toBe(both)
    expect(addEvents(undefined, undefined)).toBeUndefined()
  })
})
