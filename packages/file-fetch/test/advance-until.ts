import type { FakeClock } from '@worker-recycler/core/testing'

/** Moves time on until something is done: what waits for the disk needs several goes. */
export async function advanceUntil(clock: FakeClock, done: () => boolean): Promise<void> {
  while (!done()) await clock.advance(1000)
}
