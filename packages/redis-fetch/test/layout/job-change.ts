import type { DeathCause } from '@worker-recycler/core'
import fc from 'fast-check'
import type { JobChange, JobRecord } from '../../src/layout/job-record.ts'

const causes: DeathCause[] = ['recycle', 'stop', 'memory', 'signal', 'crash', 'unknown']

/** Whatever a job may have been through: a job has a last cause when it was interrupted. */
export const anyChange: fc.Arbitrary<JobChange> = fc
  .record({
    failures: fc.nat(30),
    blamed: fc.nat(5),
    unblamed: fc.nat(5),
    cause: fc.constantFrom(...causes),
    suspect: fc.boolean(),
    error: fc.option(
      fc.record({
        name: fc.string({ unit: 'grapheme', maxLength: 20 }),
        message: fc.string({ unit: 'grapheme', maxLength: 40 }),
        atEpochMs: fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
      }),
      { nil: undefined },
    ),
  })
  .map(({ failures, blamed, unblamed, cause, suspect, error }) => ({
    failures,
    blamed,
    interruptions: blamed + unblamed,
    suspect,
    ...(blamed + unblamed > 0 && { lastCause: cause }),
    ...(error && { error }),
  }))

/** The part of a record that a change writes. */
export function changeOf(record: JobRecord | undefined): JobChange | undefined {
  if (!record) return undefined
  const { failures, blamed, interruptions, suspect, lastCause, error } = record
  return {
    failures,
    blamed,
    interruptions,
    suspect,
    ...(lastCause && { lastCause }),
    ...(error && { error }),
  }
}
