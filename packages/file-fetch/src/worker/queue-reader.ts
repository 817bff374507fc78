import { join } from 'node:path'
import type { Clock, Logger } from '@worker-recycler/core'
import type { ListedJob } from '../directory/list.ts'
import { putAside } from '../directory/put-aside.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { createListing, type Listing } from './listing.ts'

/** A job that could be claimed, and where it lies. */
export interface Candidate {
  readonly listed: ListedJob
  readonly path: string
  /** Goes on to the next one: this one was claimed, here or elsewhere. */
  drop(): void
}

/** Finds the next job over all queues. */
export interface QueueReader {
  /** The next one in order: queues strictly, then by time. Ready and due ones count alike. */
  next(): Promise<Candidate | undefined>
  /** A directory may have changed; without a path, all of them. */
  changed(folder?: string): void
  /** How long until another job may be there without any change: a delayed one, or one not looked for. */
  untilNextMs(): Promise<number | undefined>
}

/** Makes the reader of a worker's queues. */
export function createQueueReader(
  directory: QueueDirectory,
  queues: readonly string[],
  { clock, logger }: { clock: Clock; logger: Logger },
): QueueReader {
  const listing = (path: string): Listing =>
    createListing(path, clock, (name) => putAside(directory, path, name, 'not a job', logger))
  const entries = queues.map((queue) => ({
    ready: listing(directory.ready(queue)),
    scheduled: listing(directory.scheduled(queue)),
  }))

  return {
    next: async () => {
      for (const { ready, scheduled } of entries) {
        const first = await ready.head()
        const delayed = await scheduled.head()
        const due = delayed && delayed.job.atEpochMs <= clock.epochMs() ? delayed : undefined
        // A due job is claimed where it lies: there is no step in between that could be missed.
        if (due && (!first || due.fileName < first.fileName)) return candidate(due, scheduled)
        if (first) return candidate(first, ready)
      }
      return undefined
    },
    changed: (folder) => {
      for (const each of entries.flatMap(({ ready, scheduled }) => [ready, scheduled])) {
        if (folder === undefined || each.path === folder) each.changed()
      }
    },
    untilNextMs: async () => {
      let untilMs: number | undefined
      const atMost = (ms: number) => {
        untilMs = Math.max(0, Math.min(untilMs ?? Infinity, ms))
      }
      for (const { scheduled } of entries) {
        const dueMs = scheduled.dueMs()
        if (dueMs !== undefined) atMost(dueMs - clock.nowMs())
        const first = await scheduled.head()
        if (first) atMost(first.job.atEpochMs - clock.epochMs())
      }
      return untilMs
    },
  }
}

function candidate(listed: ListedJob, listing: Listing): Candidate {
  return { listed, path: join(listing.path, listed.fileName), drop: () => listing.drop() }
}
