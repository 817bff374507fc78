import { utimes } from 'node:fs/promises'
import type { Clock, Logger } from '@worker-recycler/core'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import type { ProcessTable } from '../liveness/process-probe.ts'
import type { WorkerRecord } from '../liveness/worker-record.ts'

/** The kernel's first pid namespace has this inode (PROC_PID_INIT_INO in include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]'
const IN_CONTAINER_MS = 3000

/** In a container, other containers cannot see this process: they need a heartbeat. */
export function defaultHeartbeatMs({ pidNamespace }: ProcessTable): number {
  const visible = pidNamespace === undefined || pidNamespace === INITIAL_PID_NAMESPACE
  return visible ? 0 : IN_CONTAINER_MS
}

/** Renews the modification time of the worker's record. */
export interface Heartbeat {
  start(): void
  stop(): void
}

/** Makes the heartbeat of a worker; does nothing when its record says that it has none. */
export function createHeartbeat(
  directory: QueueDirectory,
  { identity, heartbeatMs }: WorkerRecord,
  { clock, logger }: { clock: Clock; logger: Logger },
): Heartbeat {
  let stopped = heartbeatMs === 0
  let cancel = () => {}

  const beat = async (): Promise<void> => {
    try {
      const now = clock.epochMs() / 1000
      await utimes(directory.registryOf(identity), now, now)
    } catch (error) {
      // A record that is gone was removed by a recovery; the sweep and the next claim find out.
      logger.warn({ error }, 'the heartbeat cannot be written')
    }
    schedule()
  }
  const schedule = (): void => {
    if (!stopped) cancel = clock.setTimer(heartbeatMs, () => void beat())
  }

  return {
    start: schedule,
    stop: () => {
      stopped = true
      cancel()
    },
  }
}
