import type { Delivery } from '../contracts/job-source.ts'
import type { DeathCause } from '../ledger/death.ts'

/** What a job source keeps about a job's earlier runs, wherever it keeps it. */
export interface JobHistory {
  /** Runs that ended with an error. */
  readonly failures: number
  /** Runs that were cut off by the death of their process. */
  readonly interruptions: number
  /** The interruptions that count towards quarantine: those in which the job may be at fault. */
  readonly blamed: number
  /** Why the last interrupted run was cut off. */
  readonly lastCause?: DeathCause
  /** Was in flight when a process died for its memory: runs alone from now on. */
  readonly suspect: boolean
}

/** What the handler of the job's next run is told. */
export function deliveryOf(history: JobHistory): Delivery {
  const { failures, interruptions, lastCause } = history
  const count = failures + interruptions + 1
  return lastCause === undefined ? { count, interruptions } : { count, interruptions, lastCause }
}
