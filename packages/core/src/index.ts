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
export { isRecyclerError, RecycleAbort, RecyclerError } from './errors.ts'
export type { RecyclerErrorCode } from './errors.ts'
export { createIdentity, parseIdentity } from './identity.ts'
export type { Identity, IdentityParts } from './identity.ts'
export { createDeadline } from './jobs/deadline.ts'
export type { Deadline, SettableDeadline } from './jobs/deadline.ts'
export type { JobContext } from './jobs/job-context.ts'
export { createLeaseTable } from './jobs/lease-table.ts'
export type { LeaseTable, LeaseWork } from './jobs/lease-table.ts'
export { rescueFor } from './jobs/rescue.ts'
export type { Rescue, RescueStrategies } from './jobs/rescue.ts'
export type { JobGrowth } from './ledger/attribution.ts'
export type { DeathCause, DeathNotice, LastExit } from './ledger/last-exit.ts'
export type { Ledger, LedgerJobs, PastRecycle, Reason, RunningJob } from './ledger/ledger.ts'
export type { Phase } from './lifecycle/phase.ts'
export { silentLogger } from './logger.ts'
export type { Logger, LogMethod } from './logger.ts'
export { systemClock } from './process/clock.ts'
export type { CancelTimer, Clock } from './process/clock.ts'
export { sleep } from './process/sleep.ts'
