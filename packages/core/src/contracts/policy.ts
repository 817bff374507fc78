import type { PastRecycle } from '../ledger/past-recycle.ts'
import type { Adapter } from './adapter.ts'
import type { Lease } from './job-source.ts'
import type { Reading } from './monitor.ts'
import type { Reason } from './reason.ts'

/** How pressing a recycle is: a soft one waits for gates and a quiet moment, a hard one does not. */
export type Urgency = 'soft' | 'hard'

/** A policy's judgement of one reading. */
export type Verdict = KeepVerdict | SlowDownVerdict | RecycleVerdict

/** All is well. */
export interface KeepVerdict {
  readonly action: 'keep'
  readonly reasons: readonly Reason[]
}

/** Memory is elevated: take fewer jobs, watch closely. */
export interface SlowDownVerdict {
  readonly action: 'slowDown'
  readonly reasons: readonly Reason[]
}

/** The worker should be recycled. */
export interface RecycleVerdict {
  readonly action: 'recycle'
  readonly urgency: Urgency
  readonly reasons: readonly Reason[]
  /**
   * Why the recycle must wait; empty when it may begin. A hard one waits only where recycling cannot
   * help, as it would begin again at once.
   */
  readonly heldBy: readonly Reason[]
}

/** Everything a policy may know besides the reading. Plain data: the same input gives the same verdict. */
export interface PolicyContext {
  /** Readings of the same monitor and metric, oldest first; the last one is the reading judged. */
  readonly history: readonly Reading[]
  /** The newest reading of every monitor and metric. */
  readonly latest: readonly Reading[]
  /** The verdict before this one was not `keep`: thresholds apply their hysteresis. */
  readonly elevated: boolean
  /** Time since the worker was ready. */
  readonly uptimeMs: number
  /** How long a soft recycle has been wanted without a break; 0 when it is not wanted. */
  readonly wantedForMs: number
  /** Jobs that run now. */
  readonly inFlight: readonly Lease[]
  /** The smallest number of jobs in flight at the readings of the last minute. */
  readonly inFlightLow: number
  /** The enforcer's hard limit; governs readings that carry no limit. */
  readonly limitBytes?: number
  /** Earlier recycles of this worker, oldest first, as its predecessors recorded them. */
  readonly recycles: readonly PastRecycle[]
  /** The time that running jobs get when the worker leaves. */
  readonly drainMs?: number
  /** Wall-clock time, to compare with `recycles`. */
  readonly epochMs: number
  /** Memory in use once the process was warm, before its jobs could leak. */
  readonly baseline?: Reading
  /** Seeds everything that should differ between workers but not between runs: the worker's identity. */
  readonly seed: string
}

/**
 * A pure function from readings to a verdict: no clock, no I/O, no state of its own. Windows are
 * read from `context.history`, so that a recorded trace can be replayed.
 */
export interface Policy extends Adapter<'policy', object> {
  judge(reading: Reading, context: PolicyContext): Verdict
}
