import type { DeathCause } from './death.ts'
import type { Ledger } from './ledger.ts'

/** How the predecessor ended, as the next process of the same worker learns it. */
export interface LastExit {
  readonly cause: DeathCause
  readonly identity?: string
  /** Or the last part of its identity, by which its supervisor knows it. */
  readonly invocation?: string
  readonly atEpochMs?: number
  readonly exitCode?: number
  readonly exitSignal?: string
  /** The highest memory use that the supervisor saw. */
  readonly memoryPeakBytes?: number
  /** The predecessor's own record; missing when it was killed. */
  readonly ledger?: Ledger
}
