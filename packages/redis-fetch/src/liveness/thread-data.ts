import type { ConnectionOptions } from '../driver/connection.ts'
import type { BeatAnswer, BeatKeys } from './beat.ts'

/** What the thread that renews the lease is given. */
export interface ThreadData {
  readonly connection: ConnectionOptions
  readonly keys: BeatKeys
  readonly everyMs: number
  /** One 32-bit number that the main thread counts up while its event loop runs. */
  readonly pulse: SharedArrayBuffer
}

/** What it tells. */
export type ThreadMessage =
  | { readonly type: 'answered'; readonly answer: BeatAnswer }
  | { readonly type: 'failed'; readonly message: string }
