import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRecyclerError } from '../../src/errors.ts'
import { resolveBudget } from '../../src/lifecycle/budget.ts'

const supervisor = (ms: number) => ({ ms, from: 'a test' })

describe('resolveBudget', () => {
  it('takes the stop budget less a margin', () => {
    expect(resolveBudget({}, supervisor(30_000)).totalMs).toBe(28_500)
    expect(resolveBudget({}, supervisor(4000)).totalMs).toBe(3500)
  })

  it('takes 25 s where nothing ever kills the worker', () => {
    expect(resolveBudget({}, supervisor(Infinity)).totalMs).toBe(25_000)
  })

  it('divides the time into 70 % drain, 15 % abort, 10 % hand-back, 5 % close', () => {
    expect(resolveBudget({ totalMs: 20_000 }, supervisor(Infinity))).toEqual({
      totalMs: 20_000,
      drainMs: 14_000,
      abortMs: 3000,
      handBackMs: 2000,
      closeMs: 1000,
    })
  })

  it('adds up to the total and never gives away the hand-back slice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 3_600_000 }), (totalMs) => {
        const budget = resolveBudget({ totalMs }, supervisor(Infinity))
        const { drainMs, abortMs, handBackMs, closeMs } = budget
        expect(drainMs + abortMs + handBackMs + closeMs).toBeCloseTo(totalMs, 6)
        expect(handBackMs).toBeGreaterThanOrEqual(500)
        expect(Math.min(drainMs, abortMs, closeMs)).toBeGreaterThan(0)
      }),
    )
  })

  it('refuses a budget in which the supervisor would kill first', () => {
    expect(() => resolveBudget({ totalMs: 30_000 }, supervisor(30_000))).toThrow(
      /does not fit: the supervisor kills after 30000 ms \(a test\)/,
    )
    expect(() => resolveBudget({ totalMs: 9600, marginMs: 400 }, supervisor(10_000))).not.toThrow()
  })

  it('refuses a stop budget that leaves no time for jobs', () => {
    let thrown: unknown
    try {
      resolveBudget({}, supervisor(1200))
    } catch (error) {
      thrown = error
    }
    expect(isRecyclerError(thrown, 'BUDGET_TOO_SMALL')).toBe(true)
  })
})
