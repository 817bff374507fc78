import { checkOptions } from './check-options.ts'
import type { Coordinator } from './contracts/coordinator.ts'
import type { Enforcer } from './contracts/enforcer.ts'
import type { JobSource } from './contracts/job-source.ts'
import type { Monitor } from './contracts/monitor.ts'
import type { Policy } from './contracts/policy.ts'
import type { HeapProfileOptions } from './diagnosis/heap-profile.ts'
import { noEnforcer } from './enforcers/no-enforcer.ts'
import type { RecyclerHooks } from './hooks.ts'
import type { BudgetOptions } from './lifecycle/budget.ts'
import { silentLogger, type Logger } from './logger.ts'
import { heapMonitor } from './monitors/heap.ts'
import { rssMonitor } from './monitors/rss.ts'
import { defaultPolicy } from './policies/default-policy.ts'
import { systemClock, type Clock } from './process/clock.ts'
import { systemExit, type Exit } from './process/exit.ts'
import { stopRequests, type StopRequests } from './process/stop-requests.ts'

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

/** Options with every default filled in. */
export interface ResolvedOptions
  extends
    Omit<Required<RecyclerOptions>, Optional | 'exitCodes' | 'cohort'>,
    Pick<RecyclerOptions, Optional> {
  readonly exitCodes: ExitCodes
  readonly cohort?: Required<CohortOptions>
}

type Optional = 'coordinator' | 'name' | 'ledgerPath' | 'heapProfile'

const DEFAULT_START_MS = 30_000
const DEFAULT_WARM_UP_MS = 30_000
const DEFAULT_MAX_SHARE = 0.25
const DEFAULT_EXIT_CODES: ExitCodes = { recycle: 75, stop: 0 }

/** Fills in defaults and validates. Throws a `TypeError` that names the option. */
export function resolveOptions(options: RecyclerOptions): ResolvedOptions {
  checkOptions(options)
  return {
    source: options.source,
    monitors: options.monitors ?? [rssMonitor(), heapMonitor()],
    policy: options.policy ?? defaultPolicy(),
    enforcer: options.enforcer ?? noEnforcer(),
    mode: options.mode ?? 'act',
    budget: options.budget ?? {},
    startMs: options.startMs ?? DEFAULT_START_MS,
    warmUpMs: options.warmUpMs ?? DEFAULT_WARM_UP_MS,
    elevatedShare: options.elevatedShare ?? 1,
    hooks: options.hooks ?? {},
    exitCodes: { ...DEFAULT_EXIT_CODES, ...options.exitCodes },
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    exit: options.exit ?? systemExit,
    stopRequests: options.stopRequests ?? stopRequests(),
    ...(options.coordinator && { coordinator: options.coordinator }),
    ...(options.cohort && { cohort: { maxShare: DEFAULT_MAX_SHARE, ...options.cohort } }),
    ...(options.name !== undefined && { name: options.name }),
    ...(options.ledgerPath !== undefined && { ledgerPath: options.ledgerPath }),
    ...(options.heapProfile && { heapProfile: options.heapProfile }),
  }
}
