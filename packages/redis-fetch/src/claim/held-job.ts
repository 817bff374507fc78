import type { JobRecord } from '../layout/job-record.ts'

/** A job in this worker's list. */
export interface HeldJob {
  readonly queue: string
  /** By these it is found in the list. */
  readonly bytes: Buffer
  readonly record: JobRecord
}
