import type { Clock } from '@worker-recycler/core'

/** A heartbeat that was missed this often is over. */
const MISSED_BEATS = 3
const STALL_FACTOR = 1.5

/** Judges workers of other hosts by whether their heartbeat moves. */
export interface HeartbeatJudge {
  /** To be called at the start of every look around. */
  look(): void
  /** Whether the heartbeat has stood still for three of its periods, all of them watched. */
  expired(identity: string, mtimeMs: number, heartbeatMs: number): boolean
}

interface Sighting {
  readonly mtimeMs: number
  readonly sinceMs: number
  look: number
}

/**
 * Watches for change, on the judge's own monotonic clock: the clocks of two hosts are never
 * compared. A judge that was itself stalled knows nothing about the time in which it saw nothing,
 * so it starts to watch anew.
 *
 * @param everyMs how often it looks; a gap of more than one and a half times that is a stall
 */
export function createHeartbeatJudge(clock: Clock, everyMs: number): HeartbeatJudge {
  const sightings = new Map<string, Sighting>()
  let looks = 0
  let lastMs: number | undefined

  return {
    look: () => {
      const nowMs = clock.nowMs()
      if (lastMs !== undefined && nowMs - lastMs > STALL_FACTOR * everyMs) sightings.clear()
      // Who was not seen at the last look has gone.
      for (const [identity, seen] of sightings) {
        if (seen.look < looks) sightings.delete(identity)
      }
      lastMs = nowMs
      looks += 1
    },
    expired: (identity, mtimeMs, heartbeatMs) => {
      const seen = sightings.get(identity)
      if (seen?.mtimeMs !== mtimeMs) {
        sightings.set(identity, { mtimeMs, sinceMs: clock.nowMs(), look: looks })
        return false
      }
      seen.look = looks
      return clock.nowMs() - seen.sinceMs >= MISSED_BEATS * heartbeatMs
    },
  }
}
