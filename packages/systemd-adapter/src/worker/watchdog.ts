import type { Clock } from '@worker-recycler/core'
import type { Environment } from './environment.ts'

/** Two beats may be lost before systemd kills. */
const BEATS = 3
const US_PER_MS = 1000

/**
 * Beats for systemd's watchdog (`$WATCHDOG_USEC`, sd_watchdog_enabled(3)) until the function that it
 * returns is called. The timer is the event loop's own: a loop that is blocked for the whole of
 * `WatchdogSec=` is what the watchdog is for. Without one nothing happens.
 */
export function startWatchdog(parts: {
  readonly env: Environment
  readonly pid: number
  readonly clock: Clock
  readonly beat: () => void
}): () => void {
  const { env, pid, clock, beat } = parts
  const everyMs = watchdogMs(env, pid)
  if (everyMs === undefined) return () => {}
  let cancel = () => {}
  const next = () => {
    beat()
    cancel = clock.setTimer(everyMs / BEATS, next)
  }
  next()
  return () => cancel()
}

/** The time after which systemd kills a silent service; undefined where it watches nobody, or another. */
function watchdogMs(env: Environment, pid: number): number | undefined {
  const ms = Number(env['WATCHDOG_USEC']) / US_PER_MS
  const watched = env['WATCHDOG_PID']
  const isMe = watched === undefined || watched === '' || watched === String(pid)
  return isMe && Number.isFinite(ms) && ms > 0 ? ms : undefined
}
