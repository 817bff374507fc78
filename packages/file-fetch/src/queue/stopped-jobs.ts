import { join } from 'node:path'
import type { Clock } from '@worker-recycler/core'
import { type FailureRecord, readFailure } from '../directory/failure-record.ts'
import { readJobContent } from '../directory/job-content.ts'
import { type ListedJob, listJobs } from '../directory/list.ts'
import { move } from '../directory/move.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { removeJob } from '../directory/remove-job.ts'
import { formatJobFileName } from '../names/job-file-name.ts'
import { released } from '../names/job-file.ts'
import { type StoredJob, storedJobs } from './stored-job.ts'

/** A job that waits for somebody's decision, with all that is known about it. */
export interface StoppedJob extends StoredJob {
  /** What was enqueued; undefined when the file cannot be understood. */
  readonly payload: unknown
  readonly lastError?: FailureRecord
}

/** The jobs in quarantine, or the dead ones. */
export interface StoppedJobs {
  /** By file name alone, oldest first. */
  list(): Promise<StoredJob[]>
  /** Undefined when the id is not there. */
  show(id: string): Promise<StoppedJob | undefined>
  /** Puts a job back into its queue with a clean record; a suspect still runs alone. False when the id is not there. */
  release(id: string): Promise<boolean>
  /** Removes a job for good. False when the id is not there. */
  discard(id: string): Promise<boolean>
}

/** Makes the view of one of the two folders. */
export function stoppedJobs(
  directory: QueueDirectory,
  state: 'dead' | 'quarantine',
  clock: Clock,
): StoppedJobs {
  const folder = directory[state]
  const find = async (id: string): Promise<ListedJob | undefined> =>
    (await listJobs(folder)).jobs.find(({ job }) => job.id === id)

  return {
    list: () => storedJobs(directory, state),
    show: async (id) => {
      const stored = (await storedJobs(directory, state)).find((job) => job.id === id)
      if (!stored) return undefined
      const read = await readJobContent(stored.path)
      const lastError = await readFailure(directory, id)
      return {
        ...stored,
        payload: read.kind === 'content' ? read.content.payload : undefined,
        ...(lastError === undefined ? {} : { lastError }),
      }
    },
    release: async (id) => {
      const listed = await find(id)
      if (!listed) return false
      const job = released(listed.job, clock.epochMs())
      await directory.ensureQueue(job.queue)
      const to = join(directory.ready(job.queue), formatJobFileName(job))
      return (await move(join(folder, listed.fileName), to, directory.fsync)) === 'moved'
    },
    discard: async (id) => {
      const listed = await find(id)
      return listed ? removeJob(directory, join(folder, listed.fileName), listed.job) : false
    },
  }
}
