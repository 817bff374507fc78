import type { Clock } from '@worker-recycler/core'

/** The server's time between two of its answers, by the monotonic clock of this process. */
export interface RedisTime {
  /** The server said just now that it is this time. */
  heard(redisMs: number): void
  /** Undefined before the first answer. */
  nowMs(): number | undefined
  /** How far the server's clock has moved beyond ours since it was last heard of. */
  jumpMs(redisMs: number): number
}

/** Makes a clock that is not set yet. */
export function createRedisTime(clock: Clock): RedisTime {
  let offsetMs: number | undefined
  const nowMs = () => (offsetMs === undefined ? undefined : clock.nowMs() + offsetMs)
  return {
    heard: (redisMs) => {
      offsetMs = redisMs - clock.nowMs()
    },
    nowMs,
    jumpMs: (redisMs) => Math.abs(redisMs - (nowMs() ?? redisMs)),
  }
}
