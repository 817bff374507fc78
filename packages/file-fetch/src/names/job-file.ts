import type { JobHistory } from '@worker-recycler/core'

/**
 * Everything about a job that ever changes. It is kept in the job's file name and nowhere else, so
 * that one rename changes place and history together.
 */
export interface JobFile extends JobHistory {
  /** The place in the order, in wall-clock milliseconds; of a delayed job, when it is due. */
  readonly atEpochMs: number
  /** Breaks ties between jobs that one process enqueued in the same millisecond. */
  readonly sequence: number
  readonly id: string
  readonly name: string
  readonly queue: string
}

/** The job as somebody releases it: its record is clean, and it is due now. */
export function released(job: JobFile, atEpochMs: number): JobFile {
  const { lastCause: _, ...rest } = job
  // A suspect stays one: it runs alone until it has completed.
  return { ...rest, atEpochMs, sequence: 0, failures: 0, interruptions: 0, blamed: 0 }
}
