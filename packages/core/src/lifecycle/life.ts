import { createEvents, type Events } from '../events.ts'
import { createIdentity } from '../identity.ts'
import { createDeadline } from '../jobs/deadline.ts'
import { createHeldLeases } from '../jobs/held-leases.ts'
import { createAccount } from '../ledger/account.ts'
import { logEvents } from '../log-events.ts'
import { deferred } from '../process/deferred.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import { resolveBudget } from './budget.ts'
import { createCalls } from './calls.ts'
import { createCause } from './cause.ts'
import { checkAdapters } from './check-adapters.ts'
import { createEffects, type Departed } from './effects.ts'
import { createMachine, type Machine } from './machine.ts'
import { createTimetable } from './timetable.ts'
import { createWishes, type Wishes } from './wishes.ts'
import type { Worker } from './worker.ts'

/** One worker's life: the machine, and what its effects do. */
export interface Life extends Pick<Wishes, 'recycle' | 'requestStop'> {
  readonly identity: string
  readonly events: Events
  readonly machine: Machine
  /** Settles when the worker is ready, or cannot be. */
  readonly started: Promise<void>
  /** Resolves when the worker has left. */
  readonly departed: Promise<Departed>
}

/** Gives life to a worker; nothing happens until the machine is told to start. */
export function createLife(options: ResolvedOptions): Life {
  checkAdapters(options)
  const { clock, logger, source } = options
  const { invocation } = options.enforcer
  const identity = createIdentity(invocation === undefined ? {} : { invocation })
  const events = createEvents(identity, logger)
  logEvents(events, identity, logger)
  const deadline = createDeadline(clock)
  const timetable = createTimetable(clock, deadline)
  const started = deferred<void>()
  const departed = deferred<Departed>()

  const machine = createMachine({
    clock,
    events,
    perform: (effect) => effects[effect](),
    sliceMs: (phase) => timetable.sliceMs(phase, worker.budget),
  })
  const worker: Worker = {
    options,
    identity,
    events,
    calls: createCalls(clock, events),
    deadline,
    timetable,
    account: createAccount(identity, clock),
    held: createHeldLeases(source, (error) =>
      events.emit('adapter:failed', { adapter: source.name, call: 'inFlight', error }),
    ),
    cause: createCause(),
    machine,
    startAbort: new AbortController(),
    budget: resolveBudget({}, { ms: Infinity, from: 'not known yet' }),
    ownsSource: false,
    readyAtMs: clock.nowMs(),
  }
  const wishes = createWishes(worker)
  const effects = createEffects(worker, wishes, { started, departed })

  return {
    identity,
    events,
    machine,
    started: started.promise,
    departed: departed.promise,
    recycle: wishes.recycle,
    requestStop: wishes.requestStop,
  }
}
