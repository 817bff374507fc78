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
