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
  let cancelRetry = () => {}

  const onAnswer = (granted: boolean) => {
    machine.dispatch({ type: granted ? 'permitGranted' : 'permitDenied' })
    if (granted || machine.state.phase !== 'held') return
    const message = `The cohort ${options.cohort?.name} has no place free`
    events.emit('recycle:held', {
      heldBy: [{ code: 'permit_denied', message }],
      reasons: cause.reasons('recycle'),
    })
    cancelRetry = options.clock.setTimer(RETRY_MS, () => machine.dispatch({ type: 'permitRetry' }))
  }

  return {
    ask: () => void worker.booted?.permits.ask().then(onAnswer),
    cancel: () => cancelRetry(),
  }
}
