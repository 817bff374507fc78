import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reading } from '../../src/contracts/monitor.ts'
import { above } from '../../src/policies/above.ts'
import type { ReadingField } from '../../src/policies/field.ts'
import { strength } from '../../src/policies/verdict.ts'
import { judge, LIMIT, readingAt, word } from './context.ts'

const bare: Reading = { monitor: 'm', metric: 'psi.memory', atMs: 0 }

test.each<[ReadingField, number, Partial<Reading>]>([
  ['usedRatio', 0.8, { usedBytes: 0.8 * LIMIT, limitBytes: LIMIT }],
  ['usedBytes', 500, { usedBytes: 500 }],
  ['stallSomeRatio', 0.1, { stall: { windowMs: 2000, someMs: 200 } }],
  ['stallFullRatio', 0.1, { stall: { windowMs: 2000, someMs: 900, fullMs: 200 } }],
  ['highEvents', 3, { events: { high: 3 } }],
  ['maxEvents', 3, { events: { max: 3 } }],
  ['oomEvents', 1, { events: { oom: 1 } }],
  ['oomKillEvents', 1, { events: { oomKill: 1 } }],
  ['lagMs', 1000, { lagMs: 1000 }],
])('%s is reached at %d, not just below', (field, threshold, part) => {
  const reading = { ...bare, ...part }
  expect(word(judge(above(field, threshold), reading))).toBe('soft')
  expect(word(judge(above(field, threshold * 1.001), reading))).toBe('keep')
  expect(word(judge(above(field, threshold), bare))).toBe('keep')
})

test('the verdict and the code are options', () => {
  const reading = readingAt(0.9)
  expect(word(judge(above('usedRatio', 0.8, { verdict: 'slowDown' }), reading))).toBe('slowDown')
  const hard = judge(above('usedRatio', 0.8, { verdict: 'hard', code: 'mine' }), reading)
  expect(word(hard)).toBe('hard')
  expect(hard.reasons[0]?.code).toBe('mine')
})

test('the message has values in units that people use', () => {
  expect(judge(above('usedRatio', 0.8), readingAt(0.823)).reasons).toEqual([
    { code: 'used_ratio', message: 'test.used is at 82.3 %; the threshold is 80 %' },
  ])
  expect(judge(above('usedBytes', 400 * 1024 ** 2), readingAt(0.5)).reasons[0]?.message).toBe(
    'test.used is at 500 MiB; the threshold is 400 MiB',
  )
})

test('the enforcer’s limit governs only a reading without a limit of its own', () => {
  const policy = above('usedRatio', 0.5)
  const { limitBytes: _, ...unlimited } = readingAt(0.6)
  expect(word(judge(policy, unlimited))).toBe('keep')
  expect(word(judge(policy, unlimited, { limitBytes: LIMIT }))).toBe('soft')
  expect(word(judge(policy, readingAt(0.6), { limitBytes: 100 * LIMIT }))).toBe('soft')
  for (const limitBytes of [0, -1, Infinity, Number.NaN]) {
    expect(word(judge(policy, { ...unlimited, limitBytes }))).toBe('keep')
  }
})

test('more memory is never judged milder', () => {
  const ratio = fc.double({ min: 0, max: 2, noNaN: true })
  fc.assert(
    fc.property(ratio, ratio, fc.double({ min: 0.01, max: 1, noNaN: true }), (a, b, threshold) => {
      const policy = above('usedRatio', threshold)
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      expect(strength(judge(policy, readingAt(high)))).toBeGreaterThanOrEqual(
        strength(judge(policy, readingAt(low))),
      )
    }),
  )
})

test('refuses what it does not know', () => {
  expect(() => above('used' as ReadingField, 1)).toThrow(
    /Expected `field` to be one of usedRatio,.*got "used"/,
  )
  expect(() => above('toString' as ReadingField, 1)).toThrow(TypeError)
  expect(() => above('usedRatio', 0)).toThrow('Expected `threshold` to be a number above 0, got 0')
  expect(() => above('usedRatio', Number.NaN)).toThrow(TypeError)
  expect(() => above('usedRatio', 1, { verdict: 'recycle' as 'soft' })).toThrow('`verdict`')
})
