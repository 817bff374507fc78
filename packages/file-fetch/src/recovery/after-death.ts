import type { DeathCause } from '@worker-recycler/core'
import type { JobFile } from '../names/job-file.ts'

/** Where recovery puts a job, and what its name says from then on. */
export interface AfterDeath {
  readonly to: 'queue' | 'quarantine'
  readonly job: JobFile
}

/** How a worker died. */
export interface Death {
  readonly cause: DeathCause
  /** How many jobs it held. */
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
export function afterDeath(job: JobFile, death: Death, maxInterruptions: number): AfterDeath {
  const { cause } = death
  if (cause === 'recycle' || cause === 'stop') return { to: 'queue', job }
  const alone = death.held <= 1
  const blamed = job.blamed + (cause === 'memory' && !alone ? 0 : 1)
  const next: JobFile = {
    ...job,
    interruptions: job.interruptions + 1,
    blamed,
    lastCause: cause,
    suspect: job.suspect || cause === 'memory',
  }
  const again = cause === 'memory' && alone && job.suspect
  return { to: again || blamed >= maxInterruptions ? 'quarantine' : 'queue', job: next }
}
