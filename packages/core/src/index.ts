export { CONTRACT } from './contracts/adapter.ts'
export type { Adapter, CallOptions } from './contracts/adapter.ts'
export type {
  Coordinator,
  CoordinatorSupports,
  Permit,
  PermitRequest,
} from './contracts/coordinator.ts'
export type {
  AppliedPlan,
  Drift,
  EnforcerHost,
  FileChange,
  Finding,
  LimitPlan,
  LimitRequest,
  LimitStatus,
} from './contracts/enforcer-host.ts'
export type {
  Enforcer,
  EnforcerSupports,
  HeadroomRequest,
  MemoryLimits,
  StopBudget,
  StoppingNotice,
  SupervisorRequest,
} from './contracts/enforcer.ts'
export type {
  Delivery,
  HandBackOutcome,
  JobOutcome,
  JobSource,
  JobSourceContext,
  JobSourceSupports,
  Lease,
  RecoveredJob,
  RecoverReport,
  RecoverRequest,
} from './contracts/job-source.ts'
export type {
  MemoryEvents,
  Monitor,
  MonitorSupports,
  Reading,
  Stall,
  WatchOptions,
} from './contracts/monitor.ts'
export type {
  KeepVerdict,
  Policy,
  PolicyContext,
  RecycleVerdict,
  SlowDownVerdict,
  Urgency,
  Verdict,
} from './contracts/policy.ts'
export type { HeapProfileOptions, HeapProfileReport } from './diagnosis/heap-profile.ts'
export { createEmitter } from './emitter.ts'
export type { Emitter, EventMap, Listen } from './emitter.ts'
export { noEnforcer } from './enforcers/no-enforcer.ts'
export { CHANNEL_PREFIX } from './events.ts'
export type { RecyclerEvents } from './events.ts'
export type { HookOptions, RecyclerHooks } from './hooks.ts'
export { isRecyclerError, RecycleAbort, RecyclerError } from './errors.ts'
export type { RecyclerErrorCode } from './errors.ts'
export { createIdentity, parseIdentity } from './identity.ts'
export type { Identity, IdentityParts } from './identity.ts'
export { afterDeath } from './jobs/after-death.ts'
export type { AfterDeath, Death } from './jobs/after-death.ts'
export { backOffMs } from './jobs/back-off.ts'
export type { Retries } from './jobs/back-off.ts'
export { createDeadline } from './jobs/deadline.ts'
export type { Deadline, SettableDeadline } from './jobs/deadline.ts'
export type { JobContext } from './jobs/job-context.ts'
export { deliveryOf } from './jobs/job-history.ts'
export type { JobHistory } from './jobs/job-history.ts'
export { createLeaseTable } from './jobs/lease-table.ts'
export type { LeaseTable, LeaseWork } from './jobs/lease-table.ts'
export { persist } from './jobs/persist.ts'
export type { PersistOptions } from './jobs/persist.ts'
export { places } from './jobs/places.ts'
export { rescueFor } from './jobs/rescue.ts'
export type { Rescue, RescueStrategies } from './jobs/rescue.ts'
export type { JobGrowth } from './ledger/attribution.ts'
export type { LastExit } from './ledger/last-exit.ts'
export type { DeathCause, DeathNotice } from './ledger/death.ts'
export type { Ledger, LedgerJobs, RunningJob } from './ledger/ledger.ts'
export type { PastRecycle } from './ledger/past-recycle.ts'
export type { Reason } from './contracts/reason.ts'
export type { Budget, BudgetOptions } from './lifecycle/budget.ts'
export type { Leaving } from './lifecycle/leaving.ts'
export { PHASES, TRANSITIONS } from './lifecycle/phase.ts'
export type { Phase } from './lifecycle/phase.ts'
export { silentLogger } from './logger.ts'
export type { Logger, LogMethod } from './logger.ts'
export { systemClock } from './process/clock.ts'
export type { CancelTimer, Clock } from './process/clock.ts'
export { sleep } from './process/sleep.ts'
export { heapLimitBytes } from './monitors/heap-limit.ts'
export { heapMonitor } from './monitors/heap.ts'
export type { HeapFigures, HeapMonitorOptions } from './monitors/heap.ts'
export { rssMonitor } from './monitors/rss.ts'
export type { RssMonitorOptions } from './monitors/rss.ts'
export { watchIntervalMs } from './monitors/watch-interval.ts'
export type { MemoryCourse, WatchIntervals } from './monitors/watch-interval.ts'
export type { CohortOptions, ExitCodes, RecyclerOptions } from './options.ts'
export { above } from './policies/above.ts'
export type { AboveOptions } from './policies/above.ts'
export { breaker } from './policies/breaker.ts'
export type { BreakerOptions } from './policies/breaker.ts'
export { allOf, anyOf } from './policies/combine.ts'
export { corroborated } from './policies/corroborated.ts'
export type { CorroboratedOptions } from './policies/corroborated.ts'
export { defaultPolicy } from './policies/default-policy.ts'
export type { DefaultPolicyOptions, StallOptions } from './policies/default-policy.ts'
export type { ReadingField } from './policies/field.ts'
export { forecast } from './policies/forecast.ts'
export type { ForecastOptions } from './policies/forecast.ts'
export { bytesText, durationText, percentText } from './policies/human-units.ts'
export { ineffective } from './policies/ineffective.ts'
export type { IneffectiveOptions } from './policies/ineffective.ts'
export { jittered } from './policies/jittered.ts'
export type { JitterOptions, LowerThreshold } from './policies/jittered.ts'
export { ladder } from './policies/ladder.ts'
export type { LadderOptions } from './policies/ladder.ts'
export { maximumUptime } from './policies/maximum-uptime.ts'
export { minimumUptime } from './policies/minimum-uptime.ts'
export { perJobAllowance } from './policies/per-job-allowance.ts'
export type { PerJobAllowanceOptions } from './policies/per-job-allowance.ts'
export { quietMoment } from './policies/quiet-moment.ts'
export type { QuietMomentOptions } from './policies/quiet-moment.ts'
export { slope, timeToLimitMs } from './policies/slope.ts'
export type { Slope } from './policies/slope.ts'
export { sustained } from './policies/sustained.ts'
export type { SustainedOptions } from './policies/sustained.ts'
export type { Exit } from './process/exit.ts'
export { STOP_SIGNALS, stopRequests } from './process/stop-requests.ts'
export type { StopRequests, Uninstall } from './process/stop-requests.ts'
export { createRecycler, Recycler } from './recycler.ts'
export type { RecycleRequest } from './recycler.ts'
