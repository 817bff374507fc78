import { expect, test } from 'vitest'
import { ineffective } from '../../src/policies/ineffective.ts'
import {
  always,
  codes,
  contextOf,
  EPOCH_MS,
  heldCodes,
  judge,
  LIMIT,
  readingAt,
  word,
} from './context.ts'

const HOUR = 3_600_000
const soft = always({ action: 'recycle', urgency: 'soft', reasons: [], heldBy: [] })
const hard = always({ action: 'recycle', urgency: 'hard', reasons: [], heldBy: [] })
const reading = readingAt(0.85)
const freed = (...after: (number | undefined)[]) => ({
  recycles: after.map((ratio, index) => ({
    atEpochMs: EPOCH_MS - (after.length - index) * HOUR,
    beforeBytes: LIMIT,
    ...(ratio === undefined ? {} : { afterBytes: ratio * LIMIT }),
  })),
})

test('a fresh process at nine tenths of soft is too near', () => {
  const at = (ratio: number) => judge(ineffective(soft), reading, { baseline: readingAt(ratio) })
  expect(word(at(0.71))).toBe('soft')
  expect(heldCodes(at(0.721))).toEqual(['limit_below_baseline'])
})

test('the baseline of another metric says nothing of this one', () => {
  const baseline = { ...readingAt(0.79), metric: 'v8.heap' }
  expect(word(judge(ineffective(soft), reading, { baseline }))).toBe('soft')
})

test.each([
  [[0.9, 0.9], 'held'],
  [[1.2, 1.1], 'held'],
  [[0.9], 'soft'],
  [[0.9, 0.85], 'soft'],
  [[0.5, 0.9], 'soft'],
  [[0.9, 0.5], 'soft'],
  [[0.9, undefined, 0.9], 'held'],
  [[0.9, 0.9, undefined], 'held'],
  [[0.5, 0.9, 0.9], 'held'],
])('recycles that left %j of the memory: %s', (after, expected) => {
  expect(word(judge(ineffective(soft), reading, freed(...after)))).toBe(expected)
})

test('recycles of another metric do not count', () => {
  const { recycles } = freed(0.9, 0.9)
  const of = (series: string) =>
    word(judge(ineffective(soft), reading, { recycles: recycles.map((r) => ({ ...r, series })) }))
  expect(of('test/test.used')).toBe('held')
  expect(of('heap/v8.heap')).toBe('soft')
})

test('a hard recycle passes and carries the reason', () => {
  const grown = { baseline: readingAt(0.5), ...freed(0.9, 0.9) }
  const verdict = judge(ineffective(hard), reading, grown)
  expect(word(verdict)).toBe('hard')
  expect(codes(verdict.reasons)).toEqual(['limit_below_baseline'])
  expect(verdict.reasons[0]?.message).toBe(
    'The last two recycles freed 10 % and 10 % of the memory: recycling does not help; raise the limit',
  )
})

test('a hard recycle is held when memory has hardly grown since the process was fresh', () => {
  const near = readingAt(0.95)
  const held = judge(ineffective(hard), near, { baseline: readingAt(0.94) })
  expect(word(held)).toBe('held')
  expect(heldCodes(held)).toEqual(['limit_below_baseline'])
  expect(word(judge(ineffective(hard), near, { baseline: readingAt(0.8) }))).toBe('hard')
})

test('a process that is not warm yet is compared with its first reading: no loop of restarts', () => {
  const policy = ineffective(hard)
  const born = [readingAt(0.95, 0), readingAt(0.96, 1000)]
  expect(word(policy.judge(born[1]!, contextOf(born)))).toBe('held')
  const leaking = [readingAt(0.4, 0), readingAt(0.96, 1000)]
  expect(word(policy.judge(leaking[1]!, contextOf(leaking)))).toBe('hard')
})

test('an oom event passes while this process is small: somebody else is not', () => {
  const small = readingAt(0.2, 0, { events: { oom: 1 } })
  expect(word(judge(ineffective(hard), small))).toBe('hard')
})

test('after six hours one is tried again, and a clock that jumped says nothing', () => {
  const context = freed(0.9, 0.9)
  const later = (ms: number) =>
    word(judge(ineffective(soft), reading, { ...context, epochMs: EPOCH_MS + ms }))
  expect(later(4 * HOUR)).toBe('held')
  expect(later(5 * HOUR)).toBe('soft')
  expect(later(-24 * HOUR)).toBe('soft')
})

test('a verdict that is no recycle stays as it is', () => {
  const keep = always({ action: 'keep', reasons: [] })
  expect(judge(ineffective(keep), reading, freed(0.9, 0.9))).toEqual({
    action: 'keep',
    reasons: [],
  })
})

test('options are checked', () => {
  expect(() => ineffective(soft, { soft: 0 })).toThrow('`soft`')
  expect(() => ineffective(soft, { minFreed: 2 })).toThrow('`minFreed`')
  expect(() => ineffective(soft, { forgetMs: -1 })).toThrow('`forgetMs`')
})
