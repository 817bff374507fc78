import type { Reading } from '../contracts/monitor.ts'
import type { Urgency } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import type { Leaving } from '../lifecycle/leaving.ts'
import type { Phase } from '../lifecycle/phase.ts'
import type { JobGrowth } from './attribution.ts'
import type { PastRecycle } from './past-recycle.ts'

/** A job that ran at the verdict. */
export interface RunningJob {
  readonly id: string
  readonly name: string
  readonly ageMs: number
}

/** The record of one recycle or stop: `inFlight = completed + failed + handedBack + unknown`. */
export interface Ledger {
  readonly version: 1
  readonly identity: string
  readonly leaving: Leaving
  readonly urgency?: Urgency
  readonly reasons: readonly Reason[]
  /** When leaving was decided. */
  readonly decidedAtEpochMs: number
  /** When the process was about to exit. */
  readonly endedAtEpochMs: number
  readonly uptimeMs: number
  /** The newest reading of every monitor and metric at the decision. */
  readonly readings: readonly Reading[]
  /** Memory in use at the decision. */
  readonly beforeBytes?: number
  readonly running: readonly RunningJob[]
  readonly jobs: LedgerJobs
  /** How long each phase took, in order. */
  readonly phases: readonly { readonly phase: Phase; readonly ms: number }[]
  /** Which kinds of job memory grew with, most first: an estimate. */
  readonly growthByJob: readonly JobGrowth[]
  /** Earlier recycles and this one, oldest first. */
  readonly recycles: readonly PastRecycle[]
}

/** What became of the jobs that were in flight when fetching stopped. */
export interface LedgerJobs {
  readonly inFlight: number
  readonly completed: number
  readonly failed: number
  readonly handedBack: number
  /** Neither ended nor handed back: durable still, left to recovery. */
  readonly unknown: readonly RunningJob[]
}
