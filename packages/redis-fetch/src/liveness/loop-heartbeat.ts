import type { Clock } from '@worker-recycler/core'
import type { Driver } from '../driver/driver.ts'
import { beat, type BeatKeys } from './beat.ts'
import type { Heartbeat, HeartbeatListener } from './heartbeat.ts'

/**
 * Renews the lease from the event loop: a job that blocks it for longer than the lease makes the
 * worker look dead. Where a thread can be had, that is better.
 */
export function startLoopHeartbeat(
  driver: Driver,
  keys: BeatKeys,
  options: {
    readonly clock: Clock
    readonly everyMs: number
    readonly listener: HeartbeatListener
  },
): Heartbeat {
  const { clock, everyMs, listener } = options
  let isStopped = false
  let cancel = () => {}
  let underWay: Promise<void> = Promise.resolve()

  const once = async (): Promise<void> => {
    try {
      listener.answered(await beat(driver, keys))
    } catch (error) {
      if (!isStopped) listener.failed(error)
    }
    schedule()
  }
  const schedule = (): void => {
    if (isStopped) return
    cancel = clock.setTimer(everyMs, () => {
      underWay = once()
    })
  }
  schedule()

  return {
    stop: async () => {
      isStopped = true
      cancel()
      await underWay
    },
  }
}
