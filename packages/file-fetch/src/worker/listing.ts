import type { Clock } from '@worker-recycler/core'
import { listJobs, type ListedJob } from '../directory/list.ts'

/** A directory is listed again no sooner than this, while the last listing still serves. */
const RELIST_MS = 1000

/** The jobs of one directory, listed once and then served from memory. */
export interface Listing {
  readonly path: string
  /** The first job; lists the directory when it changed and the last listing is used up or old. */
  head(): Promise<ListedJob | undefined>
  /** Goes on to the next one. */
  drop(): void
  /** The directory may have changed. */
  changed(): void
  /** When a change that was not looked at yet should be, on the monotonic clock. */
  dueMs(): number | undefined
}

/** Makes a listing that knows nothing yet. `onStranger` hears of names that are no job's. */
export function createListing(
  path: string,
  clock: Clock,
  onStranger: (name: string) => Promise<void>,
): Listing {
  let jobs: readonly ListedJob[] = []
  let next = 0
  let dirty = true
  let listedAtMs = -Infinity

  return {
    path,
    head: async () => {
      if (dirty && (next >= jobs.length || clock.nowMs() - listedAtMs >= RELIST_MS)) {
        // Before the listing: a change while it is under way is another change.
        dirty = false
        try {
          const found = await listJobs(path)
          jobs = found.jobs
          next = 0
          listedAtMs = clock.nowMs()
          for (const name of found.strangers) await onStranger(name)
        } catch (error) {
          dirty = true
          throw error
        }
      }
      return jobs[next]
    },
    drop: () => {
      next += 1
    },
    changed: () => {
      dirty = true
    },
    dueMs: () => (dirty ? listedAtMs + RELIST_MS : undefined),
  }
}
