import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Policy, Verdict } from '../../src/contracts/policy.ts'
import { allOf, anyOf } from '../../src/policies/combine.ts'
import { purePolicy } from '../../src/policies/pure-policy.ts'
import { strength } from '../../src/policies/verdict.ts'
import { always, codes, heldCodes, judge, readingAt, word } from './context.ts'

const reason = fc.constantFrom('a', 'b', 'c', 'd').map((code) => ({ code, message: code }))
const reasons = fc.array(reason, { maxLength: 3 })
const verdict: fc.Arbitrary<Verdict> = fc.oneof(
  reasons.map((list): Verdict => ({ action: 'keep', reasons: list })),
  reasons.map((list): Verdict => ({ action: 'slowDown', reasons: list })),
  fc.tuple(reasons, reasons).map(([list, heldBy]): Verdict => ({
    action: 'recycle',
    urgency: 'soft',
    reasons: list,
    heldBy,
  })),
  reasons.map((list): Verdict => ({
    action: 'recycle',
    urgency: 'hard',
    reasons: list,
    heldBy: [],
  })),
)
const verdicts = fc.array(verdict, { minLength: 1, maxLength: 5 })
const judged = (combine: (...policies: Policy[]) => Policy, parts: Verdict[]) =>
  judge(combine(...parts.map(always)), readingAt(0.5))

test('anyOf is as strong as its strongest part', () => {
  fc.assert(
    fc.property(verdicts, (parts) => {
      expect(strength(judged(anyOf, parts))).toBe(Math.max(...parts.map(strength)))
    }),
  )
})

test('allOf is as weak as its weakest part', () => {
  fc.assert(
    fc.property(verdicts, (parts) => {
      expect(strength(judged(allOf, parts))).toBe(Math.min(...parts.map(strength)))
    }),
  )
})

test.each([
  ['anyOf', anyOf],
  ['allOf', allOf],
])('%s keeps every reason once', (_name, combine) => {
  fc.assert(
    fc.property(verdicts, (parts) => {
      const kept = codes(judged(combine, parts).reasons)
      expect(kept.toSorted()).toEqual(
        [...new Set(parts.flatMap((part) => codes(part.reasons)))].toSorted(),
      )
    }),
  )
})

test('every policy judges every reading, whatever the first said', () => {
  const asked: string[] = []
  const spy = (name: string, said: Verdict) =>
    purePolicy(name, () => {
      asked.push(name)
      return said
    })
  const hard: Verdict = { action: 'recycle', urgency: 'hard', reasons: [], heldBy: [] }
  const keep: Verdict = { action: 'keep', reasons: [] }
  judge(anyOf(spy('a', hard), spy('b', keep)), readingAt(0.5))
  judge(allOf(spy('c', keep), spy('d', hard)), readingAt(0.5))
  expect(asked).toEqual(['a', 'b', 'c', 'd'])
})

test('a hold counts for anyOf when all hold, for allOf when one does', () => {
  const held = (code: string): Verdict => ({
    action: 'recycle',
    urgency: 'soft',
    reasons: [],
    heldBy: [{ code, message: code }],
  })
  const free: Verdict = { action: 'recycle', urgency: 'soft', reasons: [], heldBy: [] }
  expect(word(judged(anyOf, [held('x'), free]))).toBe('soft')
  expect(heldCodes(judged(anyOf, [held('x'), held('y')]))).toEqual(['x', 'y'])
  expect(heldCodes(judged(allOf, [free, held('x'), held('y')]))).toEqual(['x', 'y'])
})

test('nothing to combine is refused', () => {
  expect(() => anyOf()).toThrow(TypeError)
  expect(() => allOf()).toThrow('Expected `policies` to be at least one, got none')
})
