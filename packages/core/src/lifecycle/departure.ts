import type { Lease } from '../contracts/job-source.ts'
import type { Reason } from '../contracts/reason.ts'
import { RecycleAbort, RecyclerError } from '../errors.ts'
import type { Events } from '../events.ts'
import { runHook } from '../hooks.ts'
import type { HeldLeases } from '../jobs/held-leases.ts'
import { within } from '../process/within.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Budget } from './budget.ts'
import type { Calls } from './calls.ts'
import { createHandBack } from './hand-back.ts'
import type { Leaving } from './leaving.ts'
import { quiesceMs, type Timetable } from './timetable.ts'

/** What leaving needs. */
export interface DepartureOptions {
  readonly options: ResolvedOptions
  readonly budget: Budget
  readonly hardBytes: number | undefined
  readonly held: HeldLeases
  readonly calls: Calls
  readonly events: Events
  readonly timetable: Timetable
}

/** The steps by which a worker leaves, each called once and in this order. */
export interface Departure {
  /** Stops fetching; resolves when that is so, or when its slice is over. */
  stopFetching(leaving: Leaving, reasons: readonly Reason[]): Promise<void>
  /** No job is in flight any more, and no fetch that its slice was not over for. */
  isIdle(): boolean
  /** Asks jobs to stop that were not asked yet. */
  abortJobs(leases: readonly Lease[], leaving: Leaving, reasons: readonly Reason[]): void
  /** Hands back what is unfinished, and what still comes meanwhile. */
  handBackJobs(): Promise<void>
  /** Hands back a job that came while the others were handed back. */
  handBackLate(lease: Lease): void
  /** Waits, no longer than this, for what was told to the supervisor and for the hook `leaving`. */
  finish(ms: number): Promise<void>
}

/** The share of the hard limit that is asked for as head-room while draining. */
const HEADROOM_SHARE = 0.1
const CALL_MS = 1000

/** Makes the departure of one worker. */
export function createDeparture(parts: DepartureOptions): Departure {
  const { options, budget, hardBytes, held, calls, events, timetable } = parts
  const { source, enforcer, hooks, clock } = options
  const handBack = createHandBack({ source, hooks, ms: budget.handBackMs, clock, calls, events })
  const aborted = new Set<string>()
  const hookAbort = new AbortController()
  /** Goes on beside the drain; nothing but `finish` waits for it. */
  const beside: Promise<unknown>[] = []
  let fetching = true

  const tellSupervisor = (leaving: Leaving, reasons: readonly Reason[]) => {
    const tell = (call: string, run: (signal: AbortSignal) => Promise<unknown> | undefined) =>
      beside.push(calls.attempt({ adapter: enforcer, call, ms: CALL_MS }, run))
    tell('stopping', (signal) =>
      enforcer.stopping({ leaving, reasons, budgetMs: budget.totalMs }, { signal }),
    )
    if (enforcer.supports.extendStop) {
      tell('extendStop', (signal) => enforcer.extendStop?.(budget.totalMs, { signal }))
    }
    if (enforcer.supports.headroom && hardBytes !== undefined) {
      const bytes = Math.round(hardBytes * HEADROOM_SHARE)
      tell('grantHeadroom', (signal) =>
        enforcer.grantHeadroom?.({ bytes, forMs: budget.totalMs }, { signal }),
      )
    }
  }
  const runLeavingHook = (leaving: Leaving, reasons: readonly Reason[]) => {
    const call = { name: 'leaving', ms: budget.drainMs, clock, events } as const
    const hook = runHook(
      { ...call, signal: hookAbort.signal },
      hooks.leaving && ((hookOptions) => hooks.leaving?.({ leaving, reasons }, hookOptions)),
    )
    beside.push(hook)
  }

  return {
    stopFetching: async (leaving, reasons) => {
      tellSupervisor(leaving, reasons)
      runLeavingHook(leaving, reasons)
      await calls.attempt({ adapter: source, call: 'quiesce', ms: quiesceMs(budget) }, (signal) =>
        source.quiesce({ signal }),
      )
      // A source that cannot say so had its time: what a late fetch brings is durable.
      fetching = false
    },
    isIdle: () => !fetching && held.now().length === 0,
    abortJobs: (leases, leaving, reasons) => {
      if (!source.supports.abort) return
      const reason = new RecycleAbort(leaving, reasons, timetable.abortRemainingMs())
      for (const lease of leases) {
        if (aborted.has(lease.id)) continue
        aborted.add(lease.id)
        calls.attemptNow({ adapter: source, call: 'abort' }, () => source.abort(lease, reason))
      }
    },
    handBackJobs: () => handBack.all(() => held.now()),
    handBackLate: (lease) => handBack.one(lease),
    finish: async (ms) => {
      await within({ ms, clock, what: 'Leaving' }, () => Promise.all(beside)).catch(() => {})
      hookAbort.abort(
        new RecyclerError('TIMED_OUT', 'The hook `leaving` did not end with the drain'),
      )
    },
  }
}
