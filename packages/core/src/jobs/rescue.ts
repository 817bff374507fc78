import type { Delivery } from '../contracts/job-source.ts'

/** What is done with a job whose earlier run was cut off by the death of its process. */
export type Rescue =
  /** Run it again: right for idempotent jobs. */
  | 'retry'
  /** Do not run it; it counts as done. */
  | 'skip'
  /** Do not run it; it counts as failed, with the error code `INTERRUPTED`. */
  | 'fail'
  /** Do not run it; it waits in quarantine until somebody decides. */
  | 'hold'

/** Rescue strategies by job name. */
export interface RescueStrategies {
  /** For names that are not listed. Defaults to `retry`. */
  readonly default?: Rescue
  readonly byName?: Readonly<Record<string, Rescue>>
}

/** Decides on a delivery. A job that was never interrupted runs; so does one that was handed back. */
export function rescueFor(
  strategies: RescueStrategies,
  job: { readonly name: string; readonly delivery: Delivery },
): Rescue {
  if (job.delivery.interruptions === 0) return 'retry'
  const { byName = {}, default: otherwise = 'retry' } = strategies
  // A job named like a member of every object has no strategy of that name.
  return Object.hasOwn(byName, job.name) ? (byName[job.name] ?? otherwise) : otherwise
}
