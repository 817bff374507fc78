import { checkOptions } from './check-options.ts'
import { noEnforcer } from './enforcers/no-enforcer.ts'
import { silentLogger } from './logger.ts'
import { heapMonitor } from './monitors/heap.ts'
import { rssMonitor } from './monitors/rss.ts'
import type { CohortOptions, ExitCodes, RecyclerOptions } from './options.ts'
import { defaultPolicy } from './policies/default-policy.ts'
import { systemClock } from './process/clock.ts'
import { systemExit } from './process/exit.ts'
import { stopRequests } from './process/stop-requests.ts'

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
