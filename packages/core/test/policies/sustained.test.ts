import fc from 'fast-check'
import { expect, test } from 'vitest'
import { above } from '../../src/policies/above.ts'
import { ladder } from '../../src/policies/ladder.ts'
import { minimumUptime } from '../../src/policies/minimum-uptime.ts'
import { sustained } from '../../src/policies/sustained.ts'
import { codes, contextOf, heldCodes, LIMIT, readingAt, replay, traceOf, word } from './context.ts'

const soft = above('usedRatio', 0.8)
const hard = above('usedRatio', 0.92, { verdict: 'hard' })

/** Judges the last of readings that are above (1) or below (0) the threshold, a second apart. */
const judged = (policy: typeof soft, pattern: string, everyMs = 1000) => {
  const trace = Array.from(pattern, (mark, index) =>
    readingAt(mark === '1' ? 0.95 : 0.5, index * everyMs),
  )
  return policy.judge(trace.at(-1)!, contextOf(trace))
}

test.each([
  ['11111', 'slowDown'],
  ['111111', 'soft'],
  ['011111', 'soft'],
  ['110111', 'soft'],
  ['001111', 'slowDown'],
  ['111110', 'soft'],
  ['111100', 'keep'],
  ['111111000000', 'keep'],
])('5 of 6 readings: %s is %s', (pattern, expected) => {
  expect(word(judged(sustained(soft, { of: 6, atLeast: 5, minMs: 0 }), pattern))).toBe(expected)
})

test('the window grows until it spans the time, and the share stays', () => {
  const policy = sustained(soft, { of: 6, atLeast: 5, minMs: 30_000 })
  expect(word(judged(policy, '1'.repeat(30)))).toBe('slowDown')
  expect(word(judged(policy, '1'.repeat(31)))).toBe('soft')
  // 31 readings need 26.
  expect(word(judged(policy, '0'.repeat(5) + '1'.repeat(26)))).toBe('soft')
  expect(word(judged(policy, '0'.repeat(6) + '1'.repeat(25)))).toBe('slowDown')
  expect(word(judged(policy, '111111', 6000))).toBe('soft')
  expect(word(judged(policy, '111111', 5999))).toBe('slowDown')
})

test('what is not sustained yet says so', () => {
  const verdict = judged(sustained(soft), '1')
  expect(codes(verdict.reasons)).toEqual(['used_ratio', 'not_sustained'])
  expect(verdict.reasons[1]?.message).toBe('Not yet in 5 of 6 readings over at least 30 s')
})

test('a dip keeps the reasons of the reading before it', () => {
  const verdict = judged(sustained(soft, { minMs: 0 }), '111110')
  expect(verdict.reasons[0]?.message).toContain('95 %')
})

test('by default hard must be sustained too, and is weakened rung by rung', () => {
  const policy = sustained(hard, { of: 3, atLeast: 3, minMs: 0 })
  expect(word(judged(policy, '011'))).toBe('slowDown')
  expect(word(judged(policy, '111'))).toBe('hard')
  const trace = traceOf((ms) => (ms === 5000 ? 0.95 : 0.85), { forMs: 5000 })
  const steps = replay(sustained(ladder(), { of: 3, atLeast: 3, minMs: 0 }), trace)
  expect(steps.map((step) => step.word)).toEqual([
    'slowDown',
    'slowDown',
    'soft',
    'soft',
    'soft',
    'soft',
  ])
})

test('one urgency can be left alone', () => {
  const onlySoft = sustained(ladder(), { of: 3, minMs: 0, urgency: 'soft' })
  expect(word(judged(onlySoft, '1'))).toBe('hard')
  const onlyHard = sustained(ladder(), { of: 2, minMs: 0, urgency: 'hard' })
  expect(word(judged(onlyHard, '01'))).toBe('soft')
  expect(word(judged(onlyHard, '11'))).toBe('hard')
  expect(word(judged(sustained(soft, { of: 2, minMs: 0, urgency: 'hard' }), '1'))).toBe('soft')
})

test('earlier readings are judged as of their time', () => {
  // The worker was younger than a minute at the first five of six readings, so those were held.
  const policy = sustained(minimumUptime(soft, 60_000), { minMs: 0 })
  const trace = traceOf((ms) => (ms === 5000 ? 0.5 : 0.85), { forMs: 5000 })
  const verdict = policy.judge(trace.at(-1)!, contextOf(trace, { uptimeMs: 60_500 }))
  expect(heldCodes(verdict)).toEqual(['minimum_uptime'])
})

test('a dip within what is tolerated changes nothing', () => {
  const marks = fc.array(fc.boolean(), { minLength: 6, maxLength: 60 })
  fc.assert(
    fc.property(marks, (above80) => {
      const policy = sustained(soft, { of: 6, atLeast: 5, minMs: 0 })
      const pattern = above80.map((mark) => (mark ? '1' : '0')).join('')
      const crossed = above80.slice(-6).filter(Boolean).length
      expect(judged(policy, pattern).action === 'recycle').toBe(crossed >= 5)
    }),
  )
})

test('options are checked', () => {
  expect(() => sustained(soft, { of: 0 })).toThrow(
    'Expected `of` to be an integer of at least 1, got 0',
  )
  expect(() => sustained(soft, { of: 3, atLeast: 4 })).toThrow('`atLeast`')
  expect(() => sustained(soft, { minMs: -1 })).toThrow('`minMs`')
  expect(
    sustained(soft, { of: 2 }).judge(readingAt(0.5), contextOf([], { limitBytes: LIMIT })).action,
  ).toBe('keep')
})
