import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTrigger, triggerBytes } from '../../src/sources/trigger-text.ts'

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const parse = (text: string) => parseTrigger(Buffer.from(text, 'latin1'))

describe('the bytes of a trigger', () => {
  it.each([
    ['some', 200, 2000, 'some 200000 2000000\0'],
    ['full', 100, 1000, 'full 100000 1000000\0'],
    ['some', 0.5, 10_000, 'some 500 10000000\0'],
    // Microseconds are whole: 0.1 ms * 1000 is not quite 100.
    ['some', 1.0004, 2000, 'some 1000 2000000\0'],
    ['full', 8.2 / 2, 2000, 'full 4100 2000000\0'],
  ] as const)('for %s %s ms in %s ms are %j', (type, thresholdMs, windowMs, expected) => {
    expect(textOf(triggerBytes({ type, thresholdMs, windowMs }))).toBe(expected)
  })

  it('end with one NUL, without which the kernel cuts the last digit', () => {
    const bytes = triggerBytes({ type: 'some', thresholdMs: 200, windowMs: 2000 })
    expect(bytes.indexOf(0)).toBe(bytes.length - 1)
  })

  it('can be read again', () => {
    const us = fc.integer({ min: 1, max: 10_000_000 })
    fc.assert(
      fc.property(fc.constantFrom('some' as const, 'full' as const), us, us, (type, one, other) => {
        const threshold = {
          type,
          thresholdMs: Math.min(one, other) / 1000,
          windowMs: Math.max(one, other) / 1000,
        }
        expect(parseTrigger(triggerBytes(threshold))).toEqual(threshold)
      }),
    )
  })
})

describe('what a trigger asks for', () => {
  it.each([
    ['some 123000 2000000\0', 'some', 123, 2000],
    ['full 100000 1000000', 'full', 100, 1000],
    ['some 150000 1000000\n', 'some', 150, 1000],
    ['some 150000 1000000\0some 1 2\0', 'some', 150, 1000],
    ['some 2000000 2000000\0', 'some', 2000, 2000],
    ['some 1 2000000\0', 'some', 0.001, 2000],
  ])('%j', (text, type, thresholdMs, windowMs) => {
    expect(parse(text)).toEqual({ type, thresholdMs, windowMs })
  })

  it.each([
    '',
    '\0',
    '\0some 150000 1000000',
    'some',
    'some 150000',
    'any 150000 1000000\0',
    'some 150000 1000000 5\0',
    'some 1.5 1000000\0',
    'some -5 1000000\0',
    'xsome 150000 1000000\0',
    // What the kernel refuses: no stall, no window, a stall that is longer than its window.
    'some 0 1000000\0',
    'some 0 0\0',
    'some 5 0\0',
    'some 1000001 1000000\0',
  ])('is nothing in %j', (text) => {
    expect(parse(text)).toBeUndefined()
  })
})
