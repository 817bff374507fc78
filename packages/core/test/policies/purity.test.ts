import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CONTRACT } from '../../src/contracts/adapter.ts'
import type { Reading } from '../../src/contracts/monitor.ts'
import type { PolicyContext } from '../../src/contracts/policy.ts'
import { defaultPolicy } from '../../src/policies/default-policy.ts'
import { isHard } from '../../src/policies/verdict.ts'
import { contextOf, EPOCH_MS, lease, LIMIT } from './context.ts'

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 })
const history = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 0, max: 5000 }),
      ratio: maybe(fc.double({ min: 0, max: 1.2, noNaN: true })),
      someMs: maybe(fc.integer({ min: 0, max: 1000 })),
      oom: maybe(fc.integer({ min: 0, max: 2 })),
    }),
    { minLength: 1, maxLength: 50 },
  )
  .map((parts) => {
    let atMs = 0
    return parts.map(({ stepMs, ratio, someMs, oom }): Reading => {
      atMs += stepMs
      return {
        monitor: 'any',
        metric: 'any.metric',
        atMs,
        ...(ratio === undefined ? {} : { usedBytes: ratio * LIMIT }),
        ...(someMs === undefined ? {} : { stall: { windowMs: 1000, someMs } }),
        ...(oom === undefined ? {} : { events: { oom } }),
      }
    })
  })
const context: fc.Arbitrary<Partial<PolicyContext>> = fc.record({
  elevated: fc.boolean(),
  uptimeMs: fc.integer({ min: 0, max: 1_000_000 }),
  wantedForMs: fc.integer({ min: 0, max: 1_000_000 }),
  inFlight: fc.array(
    fc.constantFrom('a', 'b').map((name) => lease(name)),
    { maxLength: 3 },
  ),
  inFlightLow: fc.integer({ min: 0, max: 3 }),
  recycles: fc.array(
    fc.record({
      atEpochMs: fc.integer({ min: EPOCH_MS - 10_000_000, max: EPOCH_MS + 10_000_000 }),
      beforeBytes: fc.integer({ min: 0, max: LIMIT }),
    }),
    { maxLength: 6 },
  ),
  limitBytes: fc.constant(LIMIT),
  seed: fc.string(),
})

/** Freezes everything, so that a policy that writes to what it was given throws. */
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(frozen)
  }
  return value
}

test('the same input gives the same verdict, from any instance, and is not written to', () => {
  const used = defaultPolicy({ allowances: { a: 1000 } })
  fc.assert(
    fc.property(history, context, (readings, more) => {
      const whole = frozen(contextOf(readings, more))
      const reading = readings.at(-1)!
      const verdict = used.judge(reading, whole)
      expect(used.judge(reading, whole)).toEqual(verdict)
      expect(defaultPolicy({ allowances: { a: 1000 } }).judge(reading, whole)).toEqual(verdict)
    }),
    { numRuns: 300 },
  )
})

test('verdicts are well formed: a hard recycle waits only where none helps, every wait has a reason', () => {
  const policy = defaultPolicy()
  fc.assert(
    fc.property(history, context, (readings, more) => {
      const verdict = policy.judge(readings.at(-1)!, contextOf(readings, more))
      expect(verdict.action === 'keep' || verdict.reasons.length > 0).toBe(true)
      const held = verdict.action === 'recycle' ? verdict.heldBy : []
      const waits = isHard(verdict)
        ? held.filter(({ code }) => code !== 'limit_below_baseline')
        : []
      expect(waits).toEqual([])
      for (const { code, message } of [...verdict.reasons, ...held]) {
        expect(code).toMatch(/^[a-z][a-z_]*$/)
        expect(message).not.toMatch(/NaN|undefined|Infinity/)
      }
    }),
    { numRuns: 300 },
  )
})

test('it is a plain adapter', () => {
  expect(defaultPolicy()).toEqual({
    kind: 'policy',
    name: 'default',
    contract: CONTRACT,
    supports: {},
    judge: expect.any(Function),
  })
})
