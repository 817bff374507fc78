import type { JobHistory } from '@worker-recycler/core'

/** The error of a job's last failed run. */
export interface JobError {
  readonly name: string
  readonly message: string
  readonly atEpochMs: number
}

/** A job as this package works with it, whatever its bytes look like. */
export interface JobRecord extends JobHistory {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly enqueuedAtEpochMs: number
  /** Its id is reserved: no other job of this id can be enqueued meanwhile. */
  readonly unique: boolean
  readonly error?: JobError
  /** How often it may fail, if the job says so itself. */
  readonly maxAttempts?: number
  /** A job that says so is not kept when it may not run again. */
  readonly forgetDead?: boolean
}

/** What changes about a job between two runs. */
export interface JobChange extends JobHistory {
  readonly error?: JobError
}

/** What a producer enqueues. */
export interface JobDraft {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly payload: unknown
  readonly enqueuedAtEpochMs: number
  readonly unique: boolean
}

/** Reads and writes the bytes of jobs. The payload is never written a second time. */
export interface Codec {
  /** Undefined when the bytes are no job. `queue` is where they were found. */
  parse(bytes: Buffer, queue: string): JobRecord | undefined
  /** What was enqueued. Throws when it cannot be read. */
  payload(bytes: Buffer): unknown
  /** The bytes of a new job. */
  create(draft: JobDraft): Buffer
  /** The same job with another history: every other byte stays as it is. */
  change(bytes: Buffer, change: JobChange): Buffer
}

/** The history of a job that never ran. */
export const NO_HISTORY: JobHistory = { failures: 0, interruptions: 0, blamed: 0, suspect: false }

/** Stands for a job whose bytes cannot be read. */
export function unreadable(queue: string): JobRecord {
  return { id: '', name: '', queue, enqueuedAtEpochMs: 0, unique: false, ...NO_HISTORY }
}
