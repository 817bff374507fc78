import type { Clock } from '../process/clock.ts'

/** How much time a job has left. Unlimited until the worker begins to leave. */
export interface Deadline {
  /** Milliseconds until running jobs are asked to stop; `Infinity` while no drain has begun. */
  remainingMs(): number
}

/** The recycler's side of the deadline that every job sees. */
export interface SettableDeadline extends Deadline {
  /** Sets the end, on the monotonic clock. An earlier end replaces a later one. */
  set(atMs: number): void
}

/** Makes the one deadline that all jobs of a worker share. */
export function createDeadline(clock: Clock): SettableDeadline {
  let endMs = Infinity
  return {
    remainingMs: () => Math.max(0, endMs - clock.nowMs()),
    set: (atMs) => {
      endMs = Math.min(endMs, atMs)
    },
  }
}
