import type {
  AppliedPlan,
  CallOptions,
  Drift,
  EnforcerHost,
  LimitPlan,
} from '@worker-recycler/core'
import { apply, type SystemdApplied } from './host/apply.ts'
import { type Explanation, explain } from './host/explain.ts'
import type { SystemdFacts } from './host/facts.ts'
import { plan, type SystemdPlan } from './host/plan.ts'
import { readFacts } from './host/read-facts.ts'
import type { SystemdRequest } from './host/request.ts'
import { revert, type Reverted } from './host/revert.ts'
import { resolveSettings, type SystemdHostOptions } from './host/settings.ts'
import { statusOf, type UnitStatus } from './host/status.ts'
import { verify } from './host/verify.ts'

/** Limits of services, set by drop-ins and proven to be in force. */
export interface SystemdHost extends EnforcerHost<SystemdFacts> {
  readonly facts: (request: SystemdRequest, call: CallOptions) => Promise<SystemdFacts>
  readonly plan: (request: SystemdRequest, facts: SystemdFacts) => SystemdPlan
  readonly apply: (plan: LimitPlan, call: CallOptions) => Promise<SystemdApplied>
  readonly verify: (applied: AppliedPlan, call: CallOptions) => Promise<readonly Drift[]>
  readonly revert: (applied: AppliedPlan, call: CallOptions) => Promise<void>
  /** Of everything for which files of ours are there; or of one service or template. */
  readonly status: (
    call: CallOptions & { readonly target?: string },
  ) => Promise<readonly UnitStatus[]>
  /** Which file sets what for a unit, which files are shadowed, and what the kernel has. */
  readonly explain: (target: string, call: CallOptions) => Promise<readonly Explanation[]>
  /** As `revert`, and tells what became of each file. */
  readonly takeBack: (applied: AppliedPlan, call: CallOptions) => Promise<Reverted>
}

/**
 * The host's side: works out drop-ins for a service, a template or instances, applies them with one
 * reload, reads back from the kernel what is in force, and takes back only what is still its own.
 * Source: systemd.unit(5), systemd.resource-control(5). Throws a TypeError for options out of range.
 */
export function systemdHost(options: SystemdHostOptions = {}): SystemdHost {
  const settings = resolveSettings(options)
  return {
    facts: (request, call) => readFacts(request, settings, call),
    plan,
    apply: (given, call) => apply(given as SystemdPlan, settings, call),
    verify: (applied, call) => verify(applied, settings, call),
    revert: async (applied, call) => void (await revert(applied, settings, call)),
    takeBack: (applied, call) => revert(applied, settings, call),
    status: (call) => statusOf(call.target, settings, call),
    explain: (target, call) => explain(target, settings, call),
  }
}
