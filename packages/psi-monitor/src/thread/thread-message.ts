import type { Reading } from '@worker-recycler/core'
import type { SourceReport } from '../sources/source.ts'

/** What the sampling thread tells. Times are on the monotonic clock that all threads share. */
export type ThreadMessage =
  | { readonly type: 'told'; readonly reading: Reading }
  | { readonly type: 'sources'; readonly reports: readonly SourceReport[] }
  | { readonly type: 'failed'; readonly message: string }
