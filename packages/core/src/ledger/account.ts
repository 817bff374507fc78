import type { JobOutcome, Lease } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Reason } from '../contracts/reason.ts'
import { createJobLog } from '../jobs/job-log.ts'
import type { Clock } from '../process/clock.ts'
import { createAttribution } from './attribution.ts'
import type { Ledger } from './ledger.ts'
import { noteDecision, writeLedger, type Decision, type LedgerParts } from './write-ledger.ts'

/** Everything that is written down about a worker's jobs, until it becomes the ledger. */
export interface Account {
  jobStarted(lease: Lease): void
  jobSettled(lease: Lease, outcome: JobOutcome): void
  /**
   * Leaving is decided: notes the moment, and begins to follow the jobs in flight. The first call
   * counts, and comes before `close`.
   */
  decide(facts: DecisionFacts): void
  /** Closes the account. The first call decides; later ones give the same ledger. */
  close(parts: Omit<LedgerParts, 'identity' | 'jobs' | 'growthByJob' | 'endedAtEpochMs'>): Ledger
}

/** What is known when leaving is decided. */
interface DecisionFacts {
  readonly reasons: readonly Reason[]
  readonly readings: readonly Reading[]
  readonly inFlight: readonly Lease[]
  /** The reading that led to it, if one did. */
  readonly trigger: Reading | undefined
}

/** Opens the account of one worker. */
export function createAccount(identity: string, clock: Clock): Account {
  const jobLog = createJobLog(clock)
  const attribution = createAttribution({ clock })
  let decision: Decision | undefined
  let ledger: Ledger | undefined

  const decide = (facts: DecisionFacts): Decision => {
    jobLog.open(facts.inFlight)
    const { reasons, readings, inFlight, trigger } = facts
    decision ??= noteDecision(clock, reasons, readings, inFlight, trigger)
    return decision
  }

  return {
    jobStarted: (lease) => {
      attribution.started(lease.name)
      jobLog.started(lease)
    },
    jobSettled: (lease, outcome) => {
      attribution.settled(lease.name)
      jobLog.settled(lease, outcome)
    },
    decide,
    close: (parts) => {
      ledger ??= writeLedger(
        decision ?? decide({ reasons: [], readings: [], inFlight: [], trigger: undefined }),
        {
          ...parts,
          identity,
          jobs: jobLog.report(),
          growthByJob: attribution.report(),
          endedAtEpochMs: clock.epochMs(),
        },
      )
      return ledger
    },
  }
}
