import type { Reason } from './contracts/reason.ts'
import type { Leaving } from './lifecycle/leaving.ts'

/** Every code that the SDK's own packages throw. Codes are stable within a major version; messages are not. */
export type RecyclerErrorCode =
  /** An adapter is of another kind or contract version than core can work with. */
  | 'ADAPTER_REFUSED'
  /** An adapter threw; `cause` holds what it threw. */
  | 'ADAPTER_FAILED'
  /** A call did not end within its time. */
  | 'TIMED_OUT'
  /** The worker's budget does not fit into the supervisor's stop budget. */
  | 'BUDGET_TOO_LARGE'
  /** The stop budget is too small for a drain with its reserved hand-back slice. */
  | 'BUDGET_TOO_SMALL'
  /** `start()` after `stop()`, or a call that the present phase does not allow. */
  | 'ILLEGAL_PHASE'
  /** The worker was declared dead; what it still does changes nothing. */
  | 'FENCED'
  /** A job's interruption is not allowed to be followed by a second run (rescue strategy `fail`). */
  | 'INTERRUPTED'
  /** No place left on the device. */
  | 'STORAGE_FULL'
  /** The storage cannot be written. */
  | 'STORAGE_READ_ONLY'
  /** The storage's server cannot be reached, or the connection broke before it answered. */
  | 'STORAGE_UNREACHABLE'
  /** The storage's server is of a kind, a version or a setting with which jobs would not be safe. */
  | 'STORAGE_UNFIT'
  /** A worker could not be started again; the restart breaker is open. */
  | 'RESTART_BREAKER_OPEN'
  /** The supervisor is not there, or its channel is closed. */
  | 'NO_SUPERVISOR'
  /** The supervisor was asked for something and failed; `cause` holds what it said. */
  | 'SUPERVISOR_FAILED'
  /** This user may not do that. */
  | 'NOT_PERMITTED'
  /** A plan has an error among its findings, or does not fit what is there any more. */
  | 'PLAN_REFUSED'

/** The one error class of the SDK. */
export class RecyclerError extends Error {
  override readonly name = 'RecyclerError'
  readonly code: RecyclerErrorCode

  constructor(code: RecyclerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/** Recognises a RecyclerError by its code, so that a second copy of this package does not matter. */
export function isRecyclerError(error: unknown, code?: RecyclerErrorCode): error is RecyclerError {
  if (!(error instanceof Error) || error.name !== 'RecyclerError' || !('code' in error))
    return false
  return code === undefined || error.code === code
}

/** The reason of a job's `AbortSignal`: why it is asked to stop, and how long it may still take. */
export class RecycleAbort extends Error {
  override readonly name = 'RecycleAbort'
  readonly code = 'RECYCLE_ABORT'
  /** Why the worker leaves. */
  readonly leaving: Leaving
  readonly reasons: readonly Reason[]
  /** After this time the job is handed back, finished or not. */
  readonly remainingMs: number

  constructor(leaving: Leaving, reasons: readonly Reason[], remainingMs: number) {
    super(`The worker leaves (${leaving}); the job is handed back in ${Math.round(remainingMs)} ms`)
    this.leaving = leaving
    this.reasons = reasons
    this.remainingMs = remainingMs
  }
}
