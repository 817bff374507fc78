import type { Ledger } from '../../src/ledger/ledger.ts'

/** A ledger of a recycle that had nothing to do, but for what is given. */
export function ledgerOf(given: Partial<Ledger> = {}): Ledger {
  return {
    version: 1,
    identity: 'a:1:abcdef',
    leaving: 'recycle',
    reasons: [],
    decidedAtEpochMs: 0,
    endedAtEpochMs: 0,
    uptimeMs: 0,
    readings: [],
    running: [],
    jobs: { inFlight: 0, completed: 0, failed: 0, handedBack: 0, unknown: [] },
    phases: [],
    growthByJob: [],
    recycles: [],
    ...given,
  }
}
