import type { ConnectionOptions } from '../driver/connection.ts'
import type { Fleet } from '../fleet.ts'
import type { BeatAnswer, BeatKeys } from './beat.ts'
import type { Heartbeat, HeartbeatListener } from './heartbeat.ts'
import { startLoopHeartbeat } from './loop-heartbeat.ts'
import { startThreadHeartbeat } from './thread-heartbeat.ts'

/** What keeping a lease needs. */
export interface LeaseOptions {
  readonly fleet: Fleet
  readonly connection: ConnectionOptions
  readonly identity: string
  readonly leaseMs: number
  readonly how: 'thread' | 'loop'
  readonly answered: (answer: BeatAnswer) => void
}

/** A lease is renewed three times in its time, so that two renewals may be late or lost. */
export const BEATS_PER_LEASE = 3

/** Keeps renewing a lease; by the event loop where a thread cannot be had, which is said once. */
export function keepLease(options: LeaseOptions): Heartbeat {
  const { fleet, connection, identity, leaseMs, how, answered } = options
  const { layout, clock, logger, driver } = fleet
  const everyMs = leaseMs / BEATS_PER_LEASE
  const foreign = layout.foreignHeartbeat?.(identity)
  const keys: BeatKeys = {
    identity,
    workers: layout.fleet.workers,
    worker: layout.fleet.worker(identity),
    fence: layout.fleet.fence(identity),
    ...(foreign !== undefined && { heartbeat: foreign }),
    leaseMs,
  }
  const listener: HeartbeatListener = {
    answered,
    failed: (error) => logger.warn({ error }, 'the lease was not renewed; trying again'),
  }
  let heartbeat: Heartbeat | undefined
  let isStopped = false
  const byLoop = () => startLoopHeartbeat(driver, keys, { clock, everyMs, listener })
  const instead = (error: unknown): void => {
    logger.warn(
      { error },
      'no thread renews the lease: a job that blocks the event loop for longer than the lease makes this worker look dead',
    )
    if (!isStopped) heartbeat = byLoop()
  }
  if (how === 'loop') heartbeat = byLoop()
  else {
    try {
      heartbeat = startThreadHeartbeat({
        connection,
        keys,
        everyMs,
        clock,
        listener,
        ended: instead,
      })
    } catch (error) {
      instead(error)
    }
  }
  return {
    stop: async () => {
      isStopped = true
      await heartbeat?.stop()
    },
  }
}
