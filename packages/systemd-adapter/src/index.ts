export { currentDeath } from './death/current-death.ts'
export { causeOf, parseDeathRecord } from './death/death-record.ts'
export type { DeathRecord } from './death/death-record.ts'
export { deaths } from './death/spool.ts'
export type { DeathsOptions } from './death/spool.ts'
export type { SystemdApplied } from './host/apply.ts'
export type { Effective } from './host/effective.ts'
export type { UnitEffect } from './host/effects.ts'
export type { Explanation } from './host/explain.ts'
export type { Hierarchy, KernelLimits, SystemdFacts, UnitFacts } from './host/facts.ts'
export type { Persistence, Scope, UserDirectories } from './host/lookup-path.ts'
export type { SystemdPlan } from './host/plan.ts'
export type {
  HookOptions,
  LimitValue,
  PressureOptions,
  RestartOptions,
  StopOptions,
  SystemdRequest,
  UnitLimits,
} from './host/request.ts'
export type { Located, Overridden, Resolution } from './host/resolve.ts'
export type { Reverted } from './host/revert.ts'
export type { SystemdHostOptions } from './host/settings.ts'
export type { Snapshot, UnitFileEntry } from './host/snapshot.ts'
export type { UnitStatus } from './host/status.ts'
export { polkitRule } from './permission/polkit-rule.ts'
export type { PolkitRuleOptions } from './permission/polkit-rule.ts'
export { systemdHost } from './systemd-host.ts'
export type { SystemdHost } from './systemd-host.ts'
export type { Manager, Properties } from './transport/manager.ts'
export type { Assignment } from './unit-file/parse.ts'
export { isSystemdService } from './worker/environment.ts'
export type { Environment } from './worker/environment.ts'
export { journalLogger } from './worker/journal-logger.ts'
export { systemdEnforcer } from './worker/systemd-enforcer.ts'
export type { SystemdEnforcer, SystemdEnforcerOptions } from './worker/systemd-enforcer.ts'
