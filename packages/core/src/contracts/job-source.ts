import type { RecycleAbort } from '../errors.ts'
import type { Deadline } from '../jobs/deadline.ts'
import type { DeathCause } from '../ledger/death.ts'
import type { Logger } from '../logger.ts'
import type { Clock } from '../process/clock.ts'
import type { Adapter, CallOptions } from './adapter.ts'

/** One job held by this process. */
export interface Lease {
  /** Names the job; the same on every delivery. */
  readonly id: string
  /** The kind of job, by which handlers, rescue strategies and attribution go. */
  readonly name: string
  /** When this process began to run it, on the monotonic clock. */
  readonly startedAtMs: number
  /** What happened to the job before. */
  readonly delivery: Delivery
}

/** A job's history of runs. A hand-back counts as neither a run nor an interruption. */
export interface Delivery {
  /** Which run this is, from 1. */
  readonly count: number
  /** How many earlier runs were cut off by the death of their process. */
  readonly interruptions: number
  /** Why the last of them was cut off. */
  readonly lastCause?: DeathCause
}

/** How a lease ended in this process. */
export type JobOutcome =
  | 'completed'
  | 'failed'
  | 'handedBack'
  /** The worker had been declared dead: what the job did here changed nothing. */
  | 'fenced'

/** What `handBack` did with a lease. */
export type HandBackOutcome =
  /** The job is available to other workers now. */
  | 'handedBack'
  /** The job had ended before: there was nothing to hand back. */
  | 'alreadySettled'
  /** This worker had been declared dead; its jobs are no longer its own. */
  | 'fenced'

/** Whose jobs to put back. Without a name: those of every worker that is provably dead. */
export interface RecoverRequest {
  /** The dead worker's identity. */
  readonly identity?: string
  /** Or the invocation (the last part of the identity) by which its supervisor knows it. */
  readonly invocation?: string
  /** Why it died. Defaults to `unknown`, which counts as an interruption. */
  readonly cause?: DeathCause
}

/** A job that recovery moved. */
export interface RecoveredJob {
  readonly id: string
  readonly name: string
  /** The identity that had held it. */
  readonly from: string
  readonly to: 'queue' | 'quarantine'
}

/** What a recovery did. Running it again, or twice at once, adds nothing. */
export interface RecoverReport {
  readonly recovered: readonly RecoveredJob[]
}

/** What a job source may lack. */
export interface JobSourceSupports {
  /** Running jobs hear of `abort` through their `AbortSignal`. */
  readonly abort: boolean
  /** Puts back what dead workers held. */
  readonly recover: boolean
  /** Refuses what a worker does late, after it was declared dead. */
  readonly fencing: boolean
  /** Takes fewer jobs at once when memory is elevated. */
  readonly throttle: boolean
}

/** What core hands to a job source when it starts. */
export interface JobSourceContext {
  /** This worker's identity: registered before the first claim, never reused. */
  readonly identity: string
  /** The only source of time and timers. */
  readonly clock: Clock
  readonly logger: Logger
  /** Handed to every job: how much time is left, once a drain has begun. */
  readonly deadline: Deadline
  /** To be called before a job's handler runs. */
  jobStarted(lease: Lease): void
  /** To be called when the job's end is durable and the lease has left `inFlight()`. */
  jobSettled(lease: Lease, outcome: JobOutcome): void
  /** To be called when the source cannot go on: the worker leaves as failed. */
  failed(error: unknown): void
}

/**
 * Where jobs come from and go back to. It runs the handlers; core tells it when to stop.
 * Core starts it once, stops it once, and never has two calls of `quiesce`, `handBack` (of one
 * lease), `recover` or `stop` under way at the same time.
 */
export interface JobSource extends Adapter<'job-source', JobSourceSupports> {
  /** Registers the worker, then begins to fetch. Resolves when it is usable. */
  start(context: JobSourceContext, options: CallOptions): Promise<void>
  /**
   * Stops fetching for good. Resolves when no fetch is in flight any more: whatever a pending
   * fetch still brings is then either in `inFlight()` or back in its queue.
   */
  quiesce(options: CallOptions): Promise<void>
  /** The jobs held by this process now. */
  inFlight(): readonly Lease[]
  /** Asks a running job, through its `AbortSignal`, to stop; does not wait. */
  abort(lease: Lease, reason: RecycleAbort): void
  /**
   * Returns an unfinished job: available to others at once, without charging it an attempt, an
   * interruption or an error. Its handler may still run; what it does late changes nothing.
   */
  handBack(lease: Lease, options: CallOptions): Promise<HandBackOutcome>
  /**
   * Puts back what dead workers held: atomic per job, idempotent, safe to run concurrently. May be
   * called before `start`, so that a predecessor's jobs are back before the first claim. Looking for
   * further dead workers while it works is the source's own business; where a supervisor gives death
   * notices it leaves them a moment, as they know the cause.
   */
  recover?(request: RecoverRequest, options: CallOptions): Promise<RecoverReport>
  /** Takes at most this share (0 to 1) of the usual number of jobs at once; 1 ends the throttle. */
  throttle?(share: number): void
  /**
   * Closes what it opened. Jobs still held stay durable, for recovery. Idempotent; safe before
   * `start`, and while a `start` that was cancelled or hangs is still under way.
   */
  stop(options: CallOptions): Promise<void>
}
