import type { CallOptions } from './adapter.ts'

/** The limits that an operator asks for. */
export interface LimitRequest {
  /** Which workers, in the enforcer's own words, e.g. a unit name. */
  readonly target: string
  readonly softBytes?: number
  readonly hardBytes?: number
}

/** A file that a plan writes, replaces or removes (`after` is undefined). */
export interface FileChange {
  readonly path: string
  readonly before?: string
  readonly after?: string
  readonly mode?: number
}

/** Something an operator should know before applying a plan. */
export interface Finding {
  readonly level: 'info' | 'warning' | 'error'
  /** Stable; the message is not. */
  readonly code: string
  readonly message: string
}

/** Everything that applying would do, to be read before anything is touched. */
export interface LimitPlan {
  readonly request: LimitRequest
  readonly files: readonly FileChange[]
  /** Commands as argument lists, in order; never a shell line. */
  readonly commands: readonly (readonly string[])[]
  /** Findings at level `error` make `apply` refuse the plan. */
  readonly findings: readonly Finding[]
}

/** What was applied, as far as `verify` and `revert` need it. Plain data, can be stored. */
export interface AppliedPlan {
  readonly plan: LimitPlan
  readonly appliedAtEpochMs: number
}

/** A value that is in force although another was wanted. */
export interface Drift {
  readonly target: string
  readonly key: string
  readonly wanted: string
  readonly actual: string
}

/** The limits of one running worker as the host sees them. */
export interface LimitStatus {
  readonly target: string
  readonly running: boolean
  readonly usedBytes?: number
  readonly softBytes?: number
  readonly hardBytes?: number
}

/** The host's side of an enforcer. `Facts` is whatever its plan depends on. */
export interface EnforcerHost<Facts = unknown> {
  /** Reads what a plan depends on. */
  facts(request: LimitRequest, options: CallOptions): Promise<Facts>
  /** Pure: the same request and facts give the same plan, and nothing is touched. */
  plan(request: LimitRequest, facts: Facts): LimitPlan
  /** All or nothing: a failure half way is rolled back. Applying twice changes nothing more. */
  apply(plan: LimitPlan, options: CallOptions): Promise<AppliedPlan>
  /** Reads back what is in force; empty when all is as planned. */
  verify(applied: AppliedPlan, options: CallOptions): Promise<readonly Drift[]>
  /** Takes back what is still as it was applied. */
  revert(applied: AppliedPlan, options: CallOptions): Promise<void>
  status(options: CallOptions): Promise<readonly LimitStatus[]>
}
