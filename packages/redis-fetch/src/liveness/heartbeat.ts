import type { BeatAnswer } from './beat.ts'

/** Renews a worker's lease until it is stopped. */
export interface Heartbeat {
  /** Resolves when nothing is sent any more. */
  stop(): Promise<void>
}

/** What a heartbeat tells. */
export interface HeartbeatListener {
  answered(answer: BeatAnswer): void
  failed(error: unknown): void
}
