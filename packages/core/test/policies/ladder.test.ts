import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ladder } from '../../src/policies/ladder.ts'
import { judge, readingAt, replay, traceOf, word } from './context.ts'

test.each([
  [0.69, false, 'keep'],
  [0.7, false, 'keep'],
  [0.79, false, 'keep'],
  [0.8, false, 'soft'],
  [0.91, false, 'soft'],
  [0.92, false, 'hard'],
  [1.5, false, 'hard'],
  [0.69, true, 'keep'],
  [0.7, true, 'slowDown'],
  [0.79, true, 'slowDown'],
  [0.8, true, 'soft'],
  [0.92, true, 'hard'],
])('%d of the limit, elevated %s: %s', (ratio, elevated, expected) => {
  expect(word(judge(ladder(), readingAt(ratio), { elevated }))).toBe(expected)
})

test('says where memory is, and which rung that is', () => {
  expect(judge(ladder(), readingAt(0.823)).reasons).toEqual([
    {
      code: 'soft_threshold',
      message:
        'test.used is at 82.3 % of its limit (823 MiB of 1000 MiB); the soft threshold is 80 %',
    },
  ])
})

test('memory that sways by less than the hysteresis changes the verdict once', () => {
  const sway = fc.array(fc.double({ min: 0.71, max: 0.79, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(sway, (ratios) => {
      const curve = (ms: number) => (ms === 0 ? 0.81 : (ratios[ms / 1000 - 1] ?? 0.75))
      const words = replay(ladder(), traceOf(curve, { forMs: ratios.length * 1000 })).map(
        (step) => step.word,
      )
      expect(words[0]).toBe('soft')
      expect(new Set(words.slice(1))).toEqual(new Set(['slowDown']))
    }),
  )
})

test('rungs must be in order', () => {
  expect(() => ladder({ resume: 0.8 })).toThrow(
    'Expected `resume` < `soft` < `hard`, got 0.8, 0.8 and 0.92',
  )
  expect(() => ladder({ soft: 0.93 })).toThrow(TypeError)
  expect(() => ladder({ hard: 1.1 })).toThrow(
    'Expected `hard` to be a number above 0 and of at most 1, got 1.1',
  )
  expect(() => ladder({ resume: Number.NaN })).toThrow('`resume`')
})
