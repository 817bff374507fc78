import type { SupervisorRequest } from '../contracts/enforcer.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Urgency } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import type { RecyclerEvents } from '../events.ts'
import { createAssess } from '../watch/assess.ts'
import type { Judged } from '../watch/judge.ts'
import { WORKING } from './phase.ts'
import type { Worker } from './worker.ts'

type AskedBy = RecyclerEvents['recycle:requested'][0]['by']

/** Everything by which the worker is told to leave. */
export interface Wishes {
  readonly onReading: (reading: Reading) => void
  /** A monitor has ended: what its last reading wanted is not wanted any more. */
  readonly onMonitorEnded: (monitor: string) => void
  readonly onRequest: (request: SupervisorRequest) => void
  readonly recycle: (urgency: Urgency, reasons: readonly Reason[], by: AskedBy) => void
  readonly requestStop: () => void
}

/** Passes wishes on to the machine. */
export function createWishes(worker: Worker): Wishes {
  const { options, events, calls, machine, cause } = worker
  const isWorking = () => WORKING.has(machine.state.phase)
  const assess = createAssess(options, events, isWorking)

  const recycle: Wishes['recycle'] = (urgency, reasons, by) => {
    const { phase, asked, leaving, urgency: before } = machine.state
    if (leaving || !(WORKING.has(phase) || phase === 'starting')) return
    // Asking again says nothing new, unless it is more pressing.
    if (asked && (urgency === 'soft' || before === 'hard')) return
    cause.wants(reasons)
    events.emit('recycle:requested', { urgency, reasons, by })
    machine.dispatch({ type: 'recycle', urgency })
  }
  const follow = (judged: Judged | undefined) => {
    if (!judged) return
    const { verdict, reading } = judged
    if (verdict.action !== 'recycle') cause.calms()
    else if (isWorking() && (verdict.urgency === 'hard' || !machine.state.asked)) {
      cause.wants(verdict.reasons, reading)
    }
    machine.dispatch({ type: 'verdict', verdict })
  }
  const requestStop = () => {
    events.emit('stop:requested', { count: machine.state.stopRequests + 1 })
    machine.dispatch({ type: 'stopRequest' })
  }

  return {
    recycle,
    requestStop,
    onReading: (reading) => {
      follow(worker.booted && assess.reading(worker.booted.judge, reading))
    },
    onMonitorEnded: (monitor) => {
      follow(worker.booted && assess.forget(worker.booted.judge, monitor))
    },
    onRequest: (request) => {
      if (request.kind === 'stop') return requestStop()
      const { urgency, reasons } = request
      if (options.mode === 'act') return recycle(urgency, reasons, 'supervisor')
      events.emit('recycle:observed', { urgency, reasons })
      // Else the supervisor would take a worker that acts on nothing for one that hangs, and kill it.
      calls.attemptNow({ adapter: options.enforcer, call: 'decline' }, () => request.decline?.())
    },
  }
}
