import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePressure } from '../../src/sources/pressure-text.ts'
import { pressureText } from '../kit/trees.ts'

describe('the totals of a pressure file', () => {
  it.each([
    [pressureText(0), 0, 0],
    [pressureText(123_456, 7890), 123_456, 7890],
    ['some avg10=12.50 avg60=3.00 avg300=0.70 total=42', 42, 0],
    ['full avg10=0.00 total=5\nsome avg10=0.00 total=6\n', 6, 5],
  ])('in %j', (text, someUs, fullUs) => {
    expect(parsePressure(text)).toEqual({ someUs, fullUs })
  })

  it('are those of each line, whatever the averages say', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (some, full) => {
        expect(parsePressure(pressureText(some, full))).toEqual({ someUs: some, fullUs: full })
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['other text', 'total=5\n'],
    ['a line without a total', 'some avg10=0.00 avg60=0.00\nfull avg10=0.00 total=5\n'],
    ['a total that is no number', 'some avg10=0.00 total=many\n'],
    ['the line `full` alone', 'full avg10=0.00 total=5\n'],
    ['the word within a line', 'awesome avg10=0.00 total=5\n'],
  ])('are not there in %s', (_case, text) => {
    expect(parsePressure(text)).toBeUndefined()
  })

  it('have none for `full` where its total is no number', () => {
    expect(parsePressure('some total=5\nfull total=x\n')).toEqual({ someUs: 5, fullUs: 0 })
  })
})

describe('the difference of two totals', () => {
  const grown = (from: bigint, by: bigint): number => {
    const before = parsePressure(pressureText(String(from), String(from)))
    const after = parsePressure(pressureText(String(from + by), String(from + by)))
    expect(after!.someUs - before!.someUs).toBe(after!.fullUs - before!.fullUs)
    return after!.someUs - before!.someUs
  }

  it.each([
    ['below 2^53', 2n ** 53n - 10n, 7n],
    ['from below 2^53 to beyond', 2n ** 53n - 1n, 2n],
    ['beyond 2^53, where a double knows every other number only', 2n ** 53n, 1n],
    ['of 17 digits', 12_345_678_901_234_567n, 333n],
    ['near the greatest that the kernel can write', 2n ** 64n - 1000n, 999n],
  ])('is exact %s', (_case, from, by) => {
    expect(grown(from, by)).toBe(Number(by))
  })

  it('is exact for any totals, but where the digits that are kept begin anew', () => {
    const cycle = 10n ** 15n
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 63n }),
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        (from, by) => {
          fc.pre((from % cycle) + by < cycle)
          expect(grown(from, by)).toBe(Number(by))
        },
      ),
    )
  })

  it('is negative where those digits begin anew, as if the counter had', () => {
    expect(grown(10n ** 15n - 1n, 2n)).toBeLessThan(0)
  })
})
