import type { SupervisorRequest } from '../contracts/enforcer.ts'
import type { JobSourceContext } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Urgency } from '../contracts/policy.ts'
import { profileDrain } from '../diagnosis/profile-drain.ts'
import { RecyclerError } from '../errors.ts'
import { createEvents, type Events, type RecyclerEvents } from '../events.ts'
import { createIdentity } from '../identity.ts'
import { createDeadline } from '../jobs/deadline.ts'
import { createAccount } from '../ledger/account.ts'
import type { Ledger, Reason } from '../ledger/ledger.ts'
import { logEvents } from '../log-events.ts'
import type { ResolvedOptions } from '../options.ts'
import { deferred } from '../process/deferred.ts'
import { createAssess } from '../watch/assess.ts'
import { boot, type Booted } from './boot.ts'
import { resolveBudget, type Budget } from './budget.ts'
import { createCalls } from './calls.ts'
import { checkAdapters } from './check-adapters.ts'
import { close } from './close.ts'
import { createDeparture, quiesceMs, type Departure } from './departure.ts'
import type { Effect } from './lifecycle-event.ts'
import { createMachine, type Machine } from './machine.ts'
import { WORKING, type Phase } from './phase.ts'

/** How a worker has left. */
export interface Departed {
  readonly ledger: Ledger
  readonly exitCode: number
  /** What went wrong, when it left as failed. */
  readonly failure?: unknown
}

type AskedBy = RecyclerEvents['recycle:requested'][0]['by']

/** One worker's life: the machine, and what its effects do. */
export interface Life {
  readonly identity: string
  readonly events: Events
  readonly machine: Machine
  /** Settles when the worker is ready, or cannot be. */
  readonly started: Promise<void>
  /** Resolves when the worker has left. */
  readonly departed: Promise<Departed>
  recycle(urgency: Urgency, reasons: readonly Reason[], by: AskedBy): void
  requestStop(): void
}

const PERMIT_RETRY_MS = 5000

/** Gives life to a worker; nothing happens until the machine is told to start. */
export function createLife(options: ResolvedOptions): Life {
  checkAdapters(options)
  const { source, enforcer, clock, logger } = options
  const { invocation } = enforcer
  const identity = createIdentity(invocation === undefined ? {} : { invocation })
  const events = createEvents(identity, logger)
  logEvents(events, identity, logger)
  const calls = createCalls(clock, events)
  const assess = createAssess(options, events)
  const deadline = createDeadline(clock)
  const account = createAccount(identity, clock)
  const startAbort = new AbortController()
  const watchAbort = new AbortController()
  const started = deferred<void>()
  const departed = deferred<Departed>()

  let budget: Budget = resolveBudget({}, { ms: Infinity, from: 'not known yet' })
  let booted: Booted | undefined
  let departure: Departure | undefined
  let trigger: Reading | undefined
  let wanted: readonly Reason[] = []
  let failure: unknown
  let readyAtMs = clock.nowMs()
  let cancelPermitRetry = () => {}

  const phase = () => machine.state.phase
  const leaving = () => machine.state.leaving ?? 'stop'
  const reasons = (): readonly Reason[] => {
    if (leaving() === 'recycle') return wanted
    if (leaving() === 'stop') return [{ code: 'stop_requested', message: 'A stop was requested' }]
    return [
      { code: 'failed', message: failure instanceof Error ? failure.message : String(failure) },
    ]
  }
  const checkIdle = () => {
    if (departure?.isIdle()) machine.dispatch({ type: 'idle' })
  }
  const abortJobs = () => departure?.abortJobs(leaving(), reasons())
  const fail = (error: unknown) => {
    failure = error
    events.emit('worker:failed', { error })
    machine.dispatch({ type: 'failed' })
  }
  const recycle = (urgency: Urgency, why: readonly Reason[], by: AskedBy) => {
    wanted = why
    events.emit('recycle:requested', { urgency, reasons: why, by })
    machine.dispatch({ type: 'recycle', urgency })
  }
  const requestStop = () => {
    events.emit('stop:requested', { count: machine.state.stopRequests + 1 })
    machine.dispatch({ type: 'stopRequest' })
  }
  const closeAccount = (): Ledger => {
    const { urgency } = machine.state
    return account.close({
      leaving: leaving(),
      ...(urgency && { urgency }),
      uptimeMs: clock.nowMs() - readyAtMs,
      phases: machine.phases(),
      earlier: booted?.judge.recycles() ?? [],
    })
  }

  const context: JobSourceContext = {
    identity,
    clock,
    logger,
    deadline,
    jobStarted: (lease) => {
      account.jobStarted(lease)
      if (phase() === 'aborting') abortJobs()
    },
    jobSettled: (lease, outcome) => {
      account.jobSettled(lease, outcome)
      if (phase() === 'draining' || phase() === 'aborting') checkIdle()
    },
    failed: (error) => {
      if (WORKING.has(phase())) fail(error)
    },
  }

  const onReading = (reading: Reading) => {
    const judged = booted && assess(booted.judge, reading)
    if (!judged) return
    const { verdict } = judged
    if (verdict.action === 'recycle' && WORKING.has(phase()) && !machine.state.asked) {
      trigger = judged.reading
      wanted = verdict.reasons
    }
    machine.dispatch({ type: 'verdict', verdict })
  }
  const onRequest = (request: SupervisorRequest) => {
    if (request.kind === 'stop') requestStop()
    else if (options.mode === 'act') recycle(request.urgency, request.reasons, 'supervisor')
    else events.emit('recycle:observed', request)
  }
  const onPrepared = (prepared: Booted) => {
    booted = prepared
    budget = prepared.budget
    readyAtMs = clock.nowMs()
    const { hardBytes } = prepared.limits
    departure = createDeparture({ options, budget, hardBytes, calls, events, deadline })
  }

  const effects: Record<Effect, () => void> = {
    startAdapters: () => {
      const signals = { startSignal: startAbort.signal, watchSignal: watchAbort.signal }
      const listeners = { onReading, onRequest, onPrepared }
      boot({ options, context, calls, events, ...signals, ...listeners }).then(
        () => {
          machine.dispatch({ type: 'ready' })
          started.resolve()
        },
        (error: unknown) => {
          started.reject(error)
          if (machine.state.leaving === 'stop') machine.dispatch({ type: 'failed' })
          else fail(error)
        },
      )
    },
    cancelStart: () =>
      startAbort.abort(new RecyclerError('ILLEGAL_PHASE', 'A stop was requested during the start')),
    throttle: () => source.throttle?.(options.elevatedShare),
    unthrottle: () => source.throttle?.(1),
    askPermit: () =>
      void booted?.permits.ask().then((granted) => {
        machine.dispatch({ type: granted ? 'permitGranted' : 'permitDenied' })
        if (granted || phase() !== 'held') return
        const message = `The cohort ${options.cohort?.name} has no place free`
        events.emit('recycle:held', {
          heldBy: [{ code: 'permit_denied', message }],
          reasons: wanted,
        })
        cancelPermitRetry = clock.setTimer(PERMIT_RETRY_MS, () =>
          machine.dispatch({ type: 'permitRetry' }),
        )
      }),
    releasePermit: () => void booted?.permits.release(),
    stopFetching: () => {
      cancelPermitRetry()
      const readings = booted?.judge.latest() ?? []
      const inFlight = source.inFlight()
      account.decide({ reasons: reasons(), readings, inFlight, trigger })
      events.emit('leaving:started', { leaving: leaving(), reasons: reasons(), budget })
      if (booted?.profile && leaving() === 'recycle') {
        const { profile, limitBytes } = booted
        const room = { readings, limitBytes, remainingMs: budget.drainMs }
        void profileDrain(profile, room, events, { signal: watchAbort.signal })
      }
      void departure?.stopFetching(leaving(), reasons()).then(() => {
        machine.dispatch({ type: 'quiesced' })
        checkIdle()
      })
    },
    awaitIdle: checkIdle,
    abortJobs: () => {
      abortJobs()
      checkIdle()
    },
    handBackJobs: () =>
      void departure?.handBackJobs().then(() => machine.dispatch({ type: 'handedBack' })),
    close: () => {
      watchAbort.abort()
      booted?.profile?.stop()
      const permit = booted?.permits.held
      void close({ options, budget, calls, events, ledger: closeAccount(), permit }).then(() =>
        machine.dispatch({ type: 'closed' }),
      )
    },
    end: () => {
      const ledger = closeAccount()
      const exitCode = ledger.leaving === 'failure' ? 1 : options.exitCodes[ledger.leaving]
      if (ledger.leaving === 'recycle') events.emit('recycle:finished', { ledger })
      events.emit('worker:stopped', { ledger, exitCode })
      departed.resolve({ ledger, exitCode, ...(ledger.leaving === 'failure' && { failure }) })
    },
  }

  const sliceMs = (entered: Phase): number | undefined => {
    if (entered === 'quiescing') return quiesceMs(budget)
    if (entered === 'draining') return deadline.remainingMs()
    if (entered === 'aborting') return budget.abortMs
    if (entered === 'handingBack') return budget.handBackMs
    return entered === 'closing' ? budget.closeMs : undefined
  }

  const machine = createMachine({ clock, events, effects, sliceMs })
  return {
    identity,
    events,
    machine,
    started: started.promise,
    departed: departed.promise,
    recycle,
    requestStop,
  }
}
