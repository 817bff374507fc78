import type { LastExit } from '../ledger/last-exit.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Leaving } from '../lifecycle/leaving.ts'
import type { Adapter, CallOptions } from './adapter.ts'
import type { EnforcerHost } from './enforcer-host.ts'
import type { Urgency } from './policy.ts'
import type { Reason } from './reason.ts'

/** How long the supervisor waits between its stop request and SIGKILL. */
export interface StopBudget {
  /** `Infinity` when nothing ever kills the worker. */
  readonly ms: number
  /** Where the number comes from, e.g. `TimeoutStopSec of worker@1.service`. */
  readonly from: string
}

/** The limits that hold this worker, as its supervisor enforces them. */
export interface MemoryLimits {
  /** From here on the supervisor asks for a recycle, or the kernel throttles (`MemoryHigh=`). */
  readonly softBytes?: number
  /** From here on the worker is killed (`MemoryMax=`). */
  readonly hardBytes?: number
  /** Where the numbers come from. */
  readonly from: string
}

/** Something the supervisor asks of a running worker. */
export type SupervisorRequest =
  | {
      readonly kind: 'recycle'
      readonly urgency: Urgency
      readonly reasons: readonly Reason[]
      /**
       * Tells the supervisor that this worker only observes (`mode: 'observe'`): it will not recycle,
       * and is neither to be pressed nor killed for that. Returns at once; what becomes of the message
       * is the enforcer's affair. Without it the supervisor cannot be told.
       */
      decline?(): void
    }
  | { readonly kind: 'stop' }

/** What the supervisor is told when the worker begins to leave. */
export interface StoppingNotice {
  readonly reasons: readonly Reason[]
  /** `recycle` wants a successor, `stop` does not. */
  readonly leaving: Leaving
  /** The worker's own budget, from now. */
  readonly budgetMs: number
}

/** More memory for a while, so that a drain can finish. */
export interface HeadroomRequest {
  readonly bytes: number
  readonly forMs: number
}

/** What an enforcer may lack. */
export interface EnforcerSupports {
  /** Knows why the predecessor ended. */
  readonly lastExit: boolean
  /** Keeps the ledger for the successor. */
  readonly ledger: boolean
  /** Can ask the supervisor for more time while stopping. */
  readonly extendStop: boolean
  /** Can raise the limit for the time of a drain. */
  readonly headroom: boolean
  /** Passes on requests of the supervisor. */
  readonly requests: boolean
  /** Sets limits from the host's side. */
  readonly host: boolean
}

/** The worker's line to its supervisor. A call that fails or hangs never holds up the lifecycle. */
export interface Enforcer extends Adapter<'enforcer', EnforcerSupports> {
  /**
   * The supervisor's name for this process (32 hex digits at most, lower case): becomes the last
   * part of the worker's identity, so that a death notice names it. Defaults to a random one.
   */
  readonly invocation?: string
  /** How long a stop may take. Asked once, at start. */
  stopBudget(options: CallOptions): Promise<StopBudget>
  /** The limits in force. Asked at start. */
  limits(options: CallOptions): Promise<MemoryLimits>
  /** How the predecessor ended; undefined for the first process, or where it is not known. */
  lastExit(options: CallOptions): Promise<LastExit | undefined>
  /** The worker takes jobs now. Called again, after a second, until it resolves or the worker leaves. */
  ready(options: CallOptions): Promise<void>
  /** The worker begins to leave. */
  stopping(notice: StoppingNotice, options: CallOptions): Promise<void>
  /** Asks for more time; resolves with what was granted, 0 when refused. */
  extendStop?(ms: number, options: CallOptions): Promise<number>
  /** Asks for more memory; resolves with what was granted, 0 when refused. */
  grantHeadroom?(request: HeadroomRequest, options: CallOptions): Promise<number>
  /** Keeps the ledger where the successor's `lastExit` finds it. */
  saveLedger?(ledger: Ledger, options: CallOptions): Promise<void>
  /** What the supervisor asks for, until the signal aborts. */
  requests?(options: CallOptions): AsyncIterable<SupervisorRequest>
  /** Ends the line to the supervisor. Idempotent. */
  stop?(options: CallOptions): Promise<void>
  /** The other side: limits set on the host. */
  readonly host?: EnforcerHost
}
