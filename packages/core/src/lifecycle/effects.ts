import { profileDrain } from '../diagnosis/profile-drain.ts'
import { isRecyclerError, RecyclerError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { boot, type Booted } from './boot.ts'
import { close } from './close.ts'
import { createDeparture } from './departure.ts'
import type { Effect } from './lifecycle-event.ts'
import { createPermitWait } from './permit-wait.ts'
import { createSourceContext } from './source-context.ts'
import type { Wishes } from './wishes.ts'
import {
  checkIdle,
  closeAccount,
  decide,
  fail,
  leavingOf,
  reasonsOf,
  type Worker,
} from './worker.ts'

/** How a worker has left. */
export interface Departed {
  readonly ledger: Ledger
  readonly exitCode: number
  /** What went wrong, when it left as failed. */
  readonly failure?: { readonly error: unknown }
}

/** Who waits for the two turns of a life. */
export interface Turns {
  readonly started: { resolve(): void; reject(error: unknown): void }
  readonly departed: { resolve(departed: Departed): void }
}

/** What the machine's effects do. */
export function createEffects(
  worker: Worker,
  wishes: Wishes,
  { started, departed }: Turns,
): Readonly<Record<Effect, () => void>> {
  const { options, events, calls, machine, held, timetable, startAbort } = worker
  const { source, clock } = options
  const watchAbort = new AbortController()
  const permitWait = createPermitWait(worker)
  const context = createSourceContext(worker)

  const onPrepared = (booted: Booted) => {
    const { budget } = booted
    const { hardBytes } = booted.limits
    worker.booted = booted
    worker.budget = budget
    worker.ownsSource = true
    worker.readyAtMs = clock.nowMs()
    worker.departure = createDeparture({
      options,
      budget,
      hardBytes,
      held,
      calls,
      events,
      timetable,
    })
  }
  const abortJobs = () =>
    worker.departure?.abortJobs(held.now(), leavingOf(worker), reasonsOf(worker))

  const throttle = (share: number) => {
    if (options.elevatedShare === 1 || options.mode === 'observe') return
    calls.attemptNow({ adapter: source, call: 'throttle' }, () => source.throttle?.(share))
  }

  return {
    startAdapters: () => {
      const signals = { startSignal: startAbort.signal, watchSignal: watchAbort.signal }
      const onReady = () => machine.dispatch({ type: 'ready' })
      const { onReading, onMonitorEnded, onRequest } = wishes
      boot({
        options,
        context,
        held,
        calls,
        events,
        ...signals,
        onReading,
        onMonitorEnded,
        onRequest,
        onPrepared,
        onReady,
      }).then(
        () => started.resolve(),
        (error: unknown) => {
          started.reject(error)
          // A source that was started before belongs to another recycler, and goes on.
          if (isRecyclerError(error, 'ILLEGAL_PHASE') && error !== startAbort.signal.reason) {
            worker.ownsSource = false
          }
          fail(worker, error)
        },
      )
    },
    cancelStart: () =>
      startAbort.abort(new RecyclerError('ILLEGAL_PHASE', 'A stop was requested during the start')),
    throttle: () => throttle(options.elevatedShare),
    unthrottle: () => throttle(1),
    askPermit: permitWait.ask,
    releasePermit: () => void worker.booted?.permits.release(),
    stopFetching: () => {
      startAbort.abort(new RecyclerError('ILLEGAL_PHASE', 'The worker leaves'))
      permitWait.cancel()
      const { booted, budget } = worker
      const [leaving, reasons] = [leavingOf(worker), reasonsOf(worker)]
      decide(worker)
      events.emit('leaving:started', { leaving, reasons, budget })
      if (booted?.profile && leaving === 'recycle') {
        const { profile, limitBytes } = booted
        const readings = booted.judge.latest()
        const room = { readings, limitBytes, remainingMs: budget.drainMs }
        void profileDrain(profile, room, events, { signal: watchAbort.signal })
      }
      void worker.departure?.stopFetching(leaving, reasons).then(() => {
        machine.dispatch({ type: 'quiesced' })
        checkIdle(worker)
      })
    },
    awaitIdle: () => checkIdle(worker),
    abortJobs: () => {
      abortJobs()
      checkIdle(worker)
    },
    handBackJobs: () =>
      void worker.departure?.handBackJobs().then(() => machine.dispatch({ type: 'handedBack' })),
    close: () => {
      watchAbort.abort()
      const { booted, budget, departure, ownsSource } = worker
      booted?.profile?.stop()
      const ledger = closeAccount(worker)
      const { permits } = booted ?? {}
      void close({
        options,
        budget,
        calls,
        events,
        ledger,
        permits,
        departure,
        ownsSource,
      }).then(() => machine.dispatch({ type: 'closed' }))
    },
    end: () => {
      const ledger = closeAccount(worker)
      const failed = ledger.leaving === 'failure'
      calls.end()
      const exitCode = ledger.leaving === 'failure' ? 1 : options.exitCodes[ledger.leaving]
      if (ledger.leaving === 'recycle') events.emit('recycle:finished', { ledger })
      events.emit('worker:stopped', { ledger, exitCode })
      departed.resolve({
        ledger,
        exitCode,
        ...(failed && { failure: { error: worker.cause.failure } }),
      })
    },
  }
}
