import type { Reason } from '../contracts/reason.ts'
import type { PermitAnswer } from './permits.ts'
import type { Worker } from './worker.ts'

/** Asks for a permit, and again until it is granted. */
export interface PermitWait {
  readonly ask: () => void
  /** No permit is waited for any more. */
  readonly cancel: () => void
}

const RETRY_MS = 5000

/** Makes the wait of a worker that does not want a permit yet. */
export function createPermitWait(worker: Worker): PermitWait {
  const { options, events, machine, cause } = worker
  let asking = false
  let cancelRetry = () => {}

  const reasonOf = (answer: PermitAnswer): Reason => {
    const cohort = `The cohort ${options.cohort?.name}`
    return answer === 'denied'
      ? { code: 'permit_denied', message: `${cohort} has no place free` }
      : { code: 'coordinator_unavailable', message: `${cohort} cannot be asked for a place` }
  }
  const onAnswer = (answer: PermitAnswer) => {
    asking = false
    machine.dispatch({ type: answer === 'granted' ? 'permitGranted' : 'permitDenied' })
    // Meanwhile the recycle may not be wanted any more, or wait for something else.
    const { phase, heldBy } = machine.state
    if (answer === 'granted' || phase !== 'held' || heldBy !== 'permit') return
    events.emit('recycle:held', {
      heldBy: [reasonOf(answer)],
      reasons: cause.reasons('recycle'),
    })
    cancelRetry()
    cancelRetry = options.clock.setTimer(RETRY_MS, () => machine.dispatch({ type: 'permitRetry' }))
  }

  return {
    ask: () => {
      // The answer that is under way will do.
      if (asking) return
      asking = true
      void worker.booted?.permits.ask().then(onAnswer)
    },
    cancel: () => cancelRetry(),
  }
}
