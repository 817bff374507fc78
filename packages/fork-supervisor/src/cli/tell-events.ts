import type { ForkSupervisorEvents } from '../events.ts'
import type { ForkSupervisor } from '../fork-supervisor.ts'
import { describeEvent, type NamedEvent } from './describe-event.ts'

/** Every event but `worker:measured`, which comes many times a second. */
const TOLD: Readonly<Record<Exclude<keyof ForkSupervisorEvents, 'worker:measured'>, true>> = {
  'supervisor:started': true,
  'supervisor:stopping': true,
  'supervisor:stopped': true,
  'worker:started': true,
  'worker:restarted': true,
  'worker:start-failed': true,
  'worker:ready': true,
  'worker:unmeasured': true,
  'worker:recycle-held': true,
  'worker:recycle-asked': true,
  'worker:recycle-declined': true,
  'worker:stop-asked': true,
  'worker:stopping': true,
  'worker:stop-extended': true,
  'worker:headroom-granted': true,
  'worker:permit-asked': true,
  'worker:killed': true,
  'worker:died': true,
  'message:ignored': true,
  'death-notice:failed': true,
  'restart:delayed': true,
  'slot:broken': true,
  'slot:stopped': true,
  'guard:failed': true,
}

/** Writes every event as a line: for programs (JSON) or for people. */
export function tellEvents(
  supervisor: ForkSupervisor,
  parts: {
    readonly json: boolean
    readonly epochMs: () => number
    readonly write: (line: string) => void
  },
): void {
  const { json, epochMs, write } = parts
  for (const name of Object.keys(TOLD) as (keyof typeof TOLD)[]) {
    supervisor.on(name, (event) => {
      const line = json
        ? JSON.stringify({ event: name, atEpochMs: epochMs(), ...event }, plainErrors)
        : describeEvent({ name, event } as NamedEvent)
      if (line !== undefined) write(line)
    })
  }
}

function plainErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message } : value
}
