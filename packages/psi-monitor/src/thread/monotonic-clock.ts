import { type Clock, systemClock } from '@worker-recycler/core'

/** CLOCK_MONOTONIC: unlike `performance.now`, the same in all threads of the process. */
export const monotonicClock: Clock = {
  ...systemClock,
  nowMs: () => Number(process.hrtime.bigint()) / 1e6,
}
