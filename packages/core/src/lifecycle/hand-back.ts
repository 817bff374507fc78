import type { HandBackOutcome, JobSource, Lease } from '../contracts/job-source.ts'
import type { Events } from '../events.ts'
import { runHook, type RecyclerHooks } from '../hooks.ts'
import type { Clock } from '../process/clock.ts'
import type { Calls } from './calls.ts'

/** What handing back needs. */
export interface HandBackOptions {
  readonly source: JobSource
  readonly hooks: RecyclerHooks
  /** The hand-back slice. */
  readonly ms: number
  readonly clock: Clock
  readonly calls: Calls
  readonly events: Events
}

/** The hook's part of the slice; the rest is the job source's, whatever the hook does. */
const HOOK_SHARE = 0.4

/**
 * Hands back every unfinished job, side by side, so that one that hangs does not hold up the
 * others. What cannot be handed back stays durable, for recovery.
 */
export async function handBack(leases: readonly Lease[], options: HandBackOptions): Promise<void> {
  const { source, hooks, ms, clock, calls, events } = options
  const one = async (lease: Lease): Promise<HandBackOutcome | undefined> => {
    const { beforeHandBack } = hooks
    await runHook(
      { name: 'beforeHandBack', ms: ms * HOOK_SHARE, clock, events },
      beforeHandBack && ((hookOptions) => beforeHandBack(lease, hookOptions)),
    )
    return calls.attempt(
      { adapter: source, call: 'handBack', ms: ms * (1 - HOOK_SHARE) },
      (signal) => source.handBack(lease, { signal }),
    )
  }
  await Promise.all(
    leases.map(async (lease) => {
      if ((await one(lease)) === 'handedBack') events.emit('job:handed-back', { lease })
    }),
  )
}
