import type { Ledger } from './ledger.ts'

/** Why a worker process ended, in the words of its supervisor. */
export type DeathCause =
  /** It recycled itself. Nothing was interrupted. */
  | 'recycle'
  /** It was asked to stop, and did. Nothing was interrupted. */
  | 'stop'
  /** It was killed for its memory. */
  | 'memory'
  /** It was killed by a signal for another reason, or none that is known. */
  | 'signal'
  /** It exited by itself with an error. */
  | 'crash'
  | 'unknown'

/** Certain knowledge, from the supervisor, that a process is gone. */
export interface DeathNotice {
  readonly identity: string
  readonly cause: DeathCause
  readonly atEpochMs: number
  readonly exitCode?: number
  readonly exitSignal?: string
}

/** How the predecessor ended, as the next process of the same worker learns it. */
export interface LastExit {
  readonly cause: DeathCause
  readonly identity?: string
  readonly atEpochMs?: number
  readonly exitCode?: number
  readonly exitSignal?: string
  /** The highest memory use that the supervisor saw. */
  readonly memoryPeakBytes?: number
  /** The predecessor's own record; missing when it was killed. */
  readonly ledger?: Ledger
}
