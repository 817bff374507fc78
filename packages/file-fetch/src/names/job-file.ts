import type { DeathCause, Delivery } from '@worker-recycler/core'

/**
 * Everything about a job that ever changes. It is kept in the job's file name and nowhere else, so
 * that one rename changes place and history together.
 */
export interface JobFile {
  /** The place in the order, in wall-clock milliseconds; of a delayed job, when it is due. */
  readonly atEpochMs: number
  /** Breaks ties between jobs that one process enqueued in the same millisecond. */
  readonly sequence: number
  readonly id: string
  readonly name: string
  readonly queue: string
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
export function deliveryOf(job: JobFile): Delivery {
  return {
    count: job.failures + job.interruptions + 1,
    interruptions: job.interruptions,
    ...(job.lastCause === undefined ? {} : { lastCause: job.lastCause }),
  }
}

/** The job as somebody releases it: its record is clean, and it is due now. */
export function released(job: JobFile, atEpochMs: number): JobFile {
  const { lastCause: _, ...rest } = job
  // A suspect stays one: it runs alone until it has completed.
  return { ...rest, atEpochMs, sequence: 0, failures: 0, interruptions: 0, blamed: 0 }
}
