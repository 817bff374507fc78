import type { Lease } from './contracts/job-source.ts'
import type { Reason } from './contracts/reason.ts'
import type { Events } from './events.ts'
import type { Ledger } from './ledger/ledger.ts'
import type { Leaving } from './lifecycle/leaving.ts'
import type { Clock } from './process/clock.ts'
import { within } from './process/within.ts'

/** What a hook gets besides its subject. */
export interface HookOptions {
  /** Aborts when the hook's time is over. */
  readonly signal: AbortSignal
}

/** Steps of an application's own. Each has its slice of time, and can cost no more than that. */
export interface RecyclerHooks {
  /** Fetching stops now. Runs beside the drain, at most as long as it. */
  readonly leaving?: (
    event: { leaving: Leaving; reasons: readonly Reason[] },
    options: HookOptions,
  ) => void | Promise<void>
  /** A job is about to be handed back: the last moment to save a checkpoint. At most 40 % of the hand-back slice. */
  readonly beforeHandBack?: (lease: Lease, options: HookOptions) => void | Promise<void>
  /** The ledger is written; flush logs and metrics. At most a third of the close slice. */
  readonly beforeExit?: (ledger: Ledger, options: HookOptions) => void | Promise<void>
}

/** How a hook is called. */
export interface HookCall {
  readonly name: keyof RecyclerHooks
  readonly ms: number
  readonly clock: Clock
  readonly events: Events
  /** Ends the hook early. */
  readonly signal?: AbortSignal
}

/** Calls a hook within its time; its failure is an event, never an error. */
export async function runHook(
  call: HookCall,
  hook: ((options: HookOptions) => void | Promise<void>) | undefined,
): Promise<void> {
  if (!hook) return
  const { name, ms, clock, events, signal: outer } = call
  try {
    const what = `The hook \`${name}\``
    await within({ ms, clock, what, ...(outer && { signal: outer }) }, (signal) => hook({ signal }))
  } catch (error) {
    events.emit('hook:failed', { hook: name, error })
  }
}
