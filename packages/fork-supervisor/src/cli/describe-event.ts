import type { Reason } from '@worker-recycler/core'
import type { ForkSupervisorEvents, WorkerRef } from '../events.ts'

/** One event with its name. */
export type NamedEvent = {
  [Name in keyof ForkSupervisorEvents]: {
    readonly name: Name
    readonly event: ForkSupervisorEvents[Name][0]
  }
}[keyof ForkSupervisorEvents]

/** The line that people read of an event; undefined where there is nothing they need to know. */
export function describeEvent({ name, event }: NamedEvent): string | undefined {
  switch (name) {
    case 'supervisor:started':
      return `${event.workers} worker(s) started`
    case 'supervisor:stopping':
      return event.request === 1 ? 'Stopping' : `Stopping, request ${event.request}`
    case 'supervisor:stopped':
      return 'Stopped'
    case 'worker:started':
      return `${who(event)} started as ${event.identity}`
    case 'worker:ready':
      return `${who(event)} is ready after ${Math.round(event.afterMs)} ms`
    case 'worker:start-failed':
      return `Worker ${event.slot} could not be started: ${String(event.error)}`
    case 'worker:recycle-held':
      return `${who(event)} should recycle (${list(event.reasons)}), but waits: ${event.heldBy.message}`
    case 'worker:recycle-asked':
      return `${who(event)} is asked to recycle: ${list(event.reasons)}`
    case 'worker:recycle-declined':
      return `${who(event)} only observes, and will not recycle: ${list(event.reasons)}`
    case 'worker:stopping':
      return `${who(event)} leaves (${event.leaving}): ${list(event.reasons)}`
    case 'worker:killed':
      return `${who(event)} is killed: ${event.message}`
    case 'worker:died':
      return `${who(event)} is gone: ${event.cause}, ${event.exitSignal ?? `exit code ${event.exitCode}`}`
    case 'restart:delayed':
      return `Worker ${event.slot} is started again in ${Math.round(event.delayMs)} ms`
    case 'slot:stopped':
      return `Worker ${event.slot} chose to stop`
    case 'worker:unmeasured':
    case 'slot:broken':
    case 'guard:failed':
      return event.message
    case 'death-notice:failed':
      return `The death of ${event.notice.identity} could not be told: ${String(event.error)}`
    case 'worker:restarted':
    case 'worker:measured':
    case 'worker:stop-asked':
    case 'worker:stop-extended':
    case 'worker:headroom-granted':
    case 'worker:permit-asked':
    case 'message:ignored':
      return undefined
  }
}

function who({ slot, pid }: WorkerRef): string {
  return `Worker ${slot} (${pid})`
}

function list(reasons: readonly Reason[]): string {
  return reasons.map(({ message }) => message).join('; ') || 'no reason given'
}
