import type { DeathCause } from '../ledger/death.ts'
import type { JobHistory } from './job-history.ts'

/** Where recovery puts a job, and what its history says from then on. */
export interface AfterDeath<Job extends JobHistory> {
  readonly to: 'queue' | 'quarantine'
  readonly job: Job
}

/** How a worker died. */
export interface Death {
  readonly cause: DeathCause
  /** How many jobs it held, over all its queues. */
  readonly held: number
}

/**
 * Decides what becomes of a job whose process died. Pure.
 *
 * - `recycle`, `stop`: nothing was at fault; the job is as if it had been handed back.
 * - `signal`, `crash`, `unknown`: an interruption, which counts.
 * - `memory`, alone: the job is the suspect. It counts, and the job runs alone from now on; a suspect
 *   that does it again goes to quarantine.
 * - `memory`, several: each is a suspect, and none is blamed. The interruption shows in the job's
 *   history all the same, so that a rescue strategy can refuse its second run.
 */
export function afterDeath<Job extends JobHistory>(
  job: Job,
  death: Death,
  maxInterruptions: number,
): AfterDeath<Job> {
  const { cause } = death
  if (cause === 'recycle' || cause === 'stop') return { to: 'queue', job }
  const alone = death.held <= 1
  const blamed = job.blamed + (cause === 'memory' && !alone ? 0 : 1)
  const next: Job = {
    ...job,
    interruptions: job.interruptions + 1,
    blamed,
    lastCause: cause,
    suspect: job.suspect || cause === 'memory',
  }
  const again = cause === 'memory' && alone && job.suspect
  return { to: again || blamed >= maxInterruptions ? 'quarantine' : 'queue', job: next }
}
