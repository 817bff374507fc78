import type { Reason } from '../contracts/reason.ts'
import type { Events } from '../events.ts'
import type { SettableDeadline } from '../jobs/deadline.ts'
import type { HeldLeases } from '../jobs/held-leases.ts'
import type { Account } from '../ledger/account.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Booted } from './boot.ts'
import type { Budget } from './budget.ts'
import type { Calls } from './calls.ts'
import type { Cause } from './cause.ts'
import type { Departure } from './departure.ts'
import type { Leaving } from './leaving.ts'
import type { Machine } from './machine.ts'
import type { Timetable } from './timetable.ts'

/** Everything that the parts of one worker's life share. */
export interface Worker {
  readonly options: ResolvedOptions
  readonly identity: string
  readonly events: Events
  readonly calls: Calls
  readonly deadline: SettableDeadline
  readonly timetable: Timetable
  readonly account: Account
  readonly held: HeldLeases
  readonly cause: Cause
  readonly machine: Machine
  /** Ends the start. */
  readonly startAbort: AbortController
  /** The default one until the supervisor was asked for its own. */
  budget: Budget
  /** Known once the worker is prepared. */
  booted?: Booted
  departure?: Departure
  /** Set when the source is started; one that refuses belongs to another recycler. */
  ownsSource: boolean
  readyAtMs: number
}

/** In which way the worker leaves, or would if it had to now. */
export const leavingOf = ({ machine }: Worker): Leaving => machine.state.leaving ?? 'stop'

/** Why the worker leaves. */
export const reasonsOf = (worker: Worker): readonly Reason[] =>
  worker.cause.reasons(leavingOf(worker))

/** Tells the machine when no job is in flight any more. */
export function checkIdle({ departure, machine }: Worker): void {
  if (departure?.isIdle()) machine.dispatch({ type: 'idle' })
}

/** The worker cannot go on. */
export function fail(worker: Worker, error: unknown): void {
  const { cause, events, machine, held, ownsSource } = worker
  if (machine.state.leaving !== 'stop') {
    cause.fails(error)
    events.emit('worker:failed', { error })
  }
  machine.dispatch({ type: 'failed', holdsJobs: ownsSource && held.now().length > 0 })
}

/** Leaving is decided: notes the moment. The first call counts. */
export function decide(worker: Worker): void {
  const { account, booted, cause, held } = worker
  account.decide({
    reasons: reasonsOf(worker),
    readings: booted?.judge.latest() ?? [],
    inFlight: held.now(),
    trigger: cause.trigger,
  })
}

/** The ledger as of now; the first one stays. */
export function closeAccount(worker: Worker): Ledger {
  const { account, machine, options, booted, readyAtMs } = worker
  const { urgency } = machine.state
  decide(worker)
  return account.close({
    leaving: leavingOf(worker),
    ...(urgency && { urgency }),
    uptimeMs: options.clock.nowMs() - readyAtMs,
    phases: machine.phases(),
    earlier: booted?.judge.recycles() ?? [],
  })
}
