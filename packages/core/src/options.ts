import type { Coordinator } from './contracts/coordinator.ts'
import type { Enforcer } from './contracts/enforcer.ts'
import type { JobSource } from './contracts/job-source.ts'
import type { Monitor } from './contracts/monitor.ts'
import type { Policy } from './contracts/policy.ts'
import type { HeapProfileOptions } from './diagnosis/heap-profile.ts'
import type { RecyclerHooks } from './hooks.ts'
import type { BudgetOptions } from './lifecycle/budget.ts'
import type { Logger } from './logger.ts'
import type { Clock } from './process/clock.ts'
import type { Exit } from './process/exit.ts'
import type { StopRequests } from './process/stop-requests.ts'

/** Workers of which only a share may recycle at once. */
export interface CohortOptions {
  readonly name: string
  /** How many workers there are. */
  readonly size: number
  /** How many of them may recycle at once, as a share; at least one. Defaults to 0.25. */
  readonly maxShare?: number
}

/** The exit codes by which a supervisor tells how a worker left; after a failure Node's own 1. */
export interface ExitCodes {
  /** Defaults to 75 (`EX_TEMPFAIL` of sysexits.h): restart me, this was no failure. */
  readonly recycle: number
  /** Defaults to 0. */
  readonly stop: number
}

/** What a recycler is made of. Everything but `source` has a default. */
export interface RecyclerOptions {
  /** Where jobs come from and go back to. */
  readonly source: JobSource
  /** What measures memory. Defaults to `[rssMonitor(), heapMonitor()]`. */
  readonly monitors?: readonly Monitor[]
  /** What judges readings. Defaults to `defaultPolicy()`. */
  readonly policy?: Policy
  /** The line to the supervisor. Defaults to `noEnforcer()`. */
  readonly enforcer?: Enforcer
  /** Grants permits to recycle. Needs `cohort`, and is needed by it. */
  readonly coordinator?: Coordinator
  readonly cohort?: CohortOptions
  /** The worker's stable name, shared by its incarnations, e.g. `worker-1`. */
  readonly name?: string
  /** `observe` runs everything up to the verdict and acts on nothing. Defaults to `act`. */
  readonly mode?: 'act' | 'observe'
  readonly budget?: BudgetOptions
  /** The longest time that `start()` may take. Defaults to 30 s. */
  readonly startMs?: number
  /** After this uptime memory counts as the worker's baseline. Defaults to 30 s. */
  readonly warmUpMs?: number
  /** The share of jobs that the source takes while memory is elevated. Defaults to 1: no throttle. */
  readonly elevatedShare?: number
  /** The file that keeps the ledger for the next process where the enforcer does not. Defaults to none. */
  readonly ledgerPath?: string
  /** Writes a sampling heap profile while draining. Defaults to none. */
  readonly heapProfile?: HeapProfileOptions
  readonly hooks?: RecyclerHooks
  readonly exitCodes?: Partial<ExitCodes>
  /** A pino-shaped logger. Defaults to silence. */
  readonly logger?: Logger
  /** Time and timers. Defaults to the system's. */
  readonly clock?: Clock
  /** Ends the process; called by `run()` only. Defaults to `process.exit`. */
  readonly exit?: Exit
  /** What `run()` hears stop requests by. Defaults to SIGTERM and SIGINT of this process. */
  readonly stopRequests?: StopRequests
}
