import { RecycleAbort } from '../errors.ts'
import type { Events } from '../events.ts'
import { runHook } from '../hooks.ts'
import type { SettableDeadline } from '../jobs/deadline.ts'
import type { HeldLeases } from '../jobs/held-leases.ts'
import type { Reason } from '../ledger/ledger.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Budget } from './budget.ts'
import type { Calls } from './calls.ts'
import { handBack } from './hand-back.ts'
import type { Leaving } from './leaving.ts'

/** What leaving needs. */
export interface DepartureOptions {
  readonly options: ResolvedOptions
  readonly budget: Budget
  readonly hardBytes: number | undefined
  readonly held: HeldLeases
  readonly calls: Calls
  readonly events: Events
  readonly deadline: SettableDeadline
}

/** The steps by which a worker leaves, each called once and in this order. */
export interface Departure {
  /** Stops fetching; resolves when that is so, or when its slice is over. */
  stopFetching(leaving: Leaving, reasons: readonly Reason[]): Promise<void>
  /** No fetch and no job is in flight any more. */
  isIdle(): boolean
  /** Asks running jobs to stop. */
  abortJobs(leaving: Leaving, reasons: readonly Reason[]): void
  /** Hands back what is unfinished. */
  handBackJobs(): Promise<void>
}

/** The share of the hard limit that is asked for as head-room while draining. */
const HEADROOM_SHARE = 0.1
/** The longest time that quiescing may take out of the drain. */
const MAX_QUIESCE_MS = 5000
const CALL_MS = 1000

/** How long quiescing may take. */
export const quiesceMs = (budget: Budget): number => Math.min(MAX_QUIESCE_MS, budget.drainMs / 2)

/** Makes the departure of one worker. */
export function createDeparture(parts: DepartureOptions): Departure {
  const { options, budget, hardBytes, held, calls, events, deadline } = parts
  const { source, enforcer, hooks, clock } = options
  let fetching = true

  /** The supervisor hears of it meanwhile; nothing waits for its answer. */
  const tellSupervisor = (leaving: Leaving, reasons: readonly Reason[]) => {
    const tell = (call: string, run: (signal: AbortSignal) => Promise<unknown> | undefined) =>
      void calls.attempt({ adapter: enforcer, call, ms: CALL_MS }, run)
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

  return {
    stopFetching: async (leaving, reasons) => {
      deadline.set(clock.nowMs() + budget.drainMs)
      tellSupervisor(leaving, reasons)
      void runHook(
        { name: 'leaving', ms: budget.drainMs, clock, events },
        hooks.leaving && ((hookOptions) => hooks.leaving?.({ leaving, reasons }, hookOptions)),
      )
      await calls.attempt(
        { adapter: source, call: 'quiesce', ms: quiesceMs(budget) },
        async (signal) => {
          await source.quiesce({ signal })
          fetching = false
        },
      )
    },
    isIdle: () => !fetching && held.now().length === 0,
    abortJobs: (leaving, reasons) => {
      if (!source.supports.abort) return
      for (const lease of held.now()) {
        void calls.attempt({ adapter: source, call: 'abort', ms: CALL_MS }, () =>
          source.abort(lease, new RecycleAbort(leaving, reasons, budget.abortMs)),
        )
      }
    },
    handBackJobs: () =>
      handBack(held.now(), {
        source,
        hooks,
        ms: budget.handBackMs,
        clock,
        calls,
        events,
      }),
  }
}
