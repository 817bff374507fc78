import type { LimitRequest } from '../../contracts/enforcer-host.ts'
import type { Enforcer, SupervisorRequest } from '../../contracts/enforcer.ts'
import type { Harness, TestBed } from '../scope.ts'

/** The host's side of one rule. */
export interface EnforcerHostTestBed {
  /** Limits that can be set on this host. */
  readonly request: LimitRequest
  /**
   * Everything that applying may touch, read without the adapter: contents by path, and whatever is in
   * force by a name of its own.
   */
  state(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>
  /** Changes something that was applied behind the enforcer's back, as an operator would. */
  drift(): void | Promise<void>
  /**
   * Lets the next `apply` fail half way. When it cannot be done, leave it out; the rule is then
   * reported as not run.
   */
  obstruct?(): void | Promise<void>
}

/** One worker and its supervisor: each rule of the suite asks for its own. */
export interface EnforcerTestBed extends TestBed {
  /** The first process of the worker: its enforcer. */
  enforcer(): Enforcer
  /** The next process of the same worker, once the first has gone. Needed for `supports.ledger`. */
  successor?(): Enforcer | Promise<Enforcer>
  /** Lets the supervisor ask for something. Needed for `supports.requests`. */
  ask?(request: SupervisorRequest): void | Promise<void>
  /** Needed for `supports.host`. */
  readonly host?: EnforcerHostTestBed
}

/** How `enforcerContract` reaches the adapter under test. */
export type EnforcerHarness = Harness<EnforcerTestBed>
