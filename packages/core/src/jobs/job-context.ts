import type { Delivery } from '../contracts/job-source.ts'
import type { Deadline } from './deadline.ts'

/** What a handler gets besides its job. */
export interface JobContext {
  /** Aborts, with a `RecycleAbort` as its reason, when the job should stop because the worker leaves. */
  readonly signal: AbortSignal
  /** How long until then. */
  readonly deadline: Deadline
  /** What happened to the job before. */
  readonly delivery: Delivery
}
