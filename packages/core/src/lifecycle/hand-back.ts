import type { JobSource, Lease } from '../contracts/job-source.ts'
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

/** Hands back every job once, also if its source fetches it again; side by side, so that one that hangs does not hold up the others. */
export interface HandBack {
  /** Begins to hand back a job. */
  one(lease: Lease): void
  /** Hands back all jobs in flight; resolves when neither they nor any that came later are under way. */
  all(inFlight: () => readonly Lease[]): Promise<void>
}

/** The hook's part of the slice; the rest is the job source's, whatever the hook does. */
const HOOK_SHARE = 0.4
/** The rest ends a little earlier than the slice, so that a failure is told before it is over. */
const END_SHARE = 0.95

/** Makes the hand-back of one worker. What cannot be handed back stays durable, for recovery. */
export function createHandBack({
  source,
  hooks,
  ms,
  clock,
  calls,
  events,
}: HandBackOptions): HandBack {
  const underWay = new Map<string, Promise<void>>()
  let endMs = Infinity
  const { beforeHandBack } = hooks

  const handBack = async (lease: Lease): Promise<void> => {
    await runHook(
      { name: 'beforeHandBack', ms: ms * HOOK_SHARE, clock, events },
      beforeHandBack && ((hookOptions) => beforeHandBack(lease, hookOptions)),
    )
    const leftMs = Math.max(0, endMs - clock.nowMs())
    await calls.attempt({ adapter: source, call: 'handBack', ms: leftMs }, (signal) =>
      source.handBack(lease, { signal }),
    )
  }
  const one = (lease: Lease) => {
    if (!underWay.has(lease.id)) underWay.set(lease.id, handBack(lease))
  }

  return {
    one,
    all: async (inFlight) => {
      endMs = clock.nowMs() + ms * END_SHARE
      for (let known = -1; known < underWay.size;) {
        known = underWay.size
        inFlight().forEach(one)
        await Promise.all(underWay.values())
      }
    },
  }
}
