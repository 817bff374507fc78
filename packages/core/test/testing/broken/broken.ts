import type { TestRunner } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { collect, failures } from '../collect.ts'

/** An adapter that is wrong in one way. */
export interface Broken<Bed> {
  /** What is wrong with it. */
  readonly name: string
  /** The rule that it is there to break. */
  readonly breaks: string
  /** Rules that it cannot but break as well. */
  readonly also?: readonly string[]
  readonly create: () => Bed
}

/** Tests a suite: good adapters pass it, each broken one fails its rules and no others. */
export function testSuite<Bed>(
  name: string,
  suite: (runner: TestRunner, create: () => Bed) => void,
  good: () => Bed,
  brokens: readonly Broken<Bed>[],
): void {
  describe.concurrent(`${name}: every rule is broken by an adapter`, () => {
    const rules = collect((runner) => suite(runner, good)).rules.map(({ title }) => title)

    it('has titles that differ', () => {
      expect(new Set(rules).size).toBe(rules.length)
    })

    it('has a broken adapter for every rule, and no rule fails without one', () => {
      expect([...new Set(brokens.map(({ breaks }) => breaks))].toSorted()).toEqual(rules.toSorted())
    })

    for (const { name: fault, breaks, also = [], create } of brokens) {
      it(`${fault}: fails "${breaks}"`, async () => {
        const failed = await failures((runner) => suite(runner, create))
        expect(failed.toSorted()).toEqual([breaks, ...also].toSorted())
      })
    }
  })
}
