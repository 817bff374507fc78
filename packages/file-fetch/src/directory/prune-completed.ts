import { join } from 'node:path'
import { listJobs } from './list.ts'
import type { QueueDirectory } from './queue-directory.ts'
import { removeJob } from './remove-job.ts'

/** Completions between two looks at the directory: a listing for each job would cost too much. */
export const PRUNE_BATCH = 100

/** Removes the oldest completed jobs beyond `keep`. Several processes may prune at once. */
export async function pruneCompleted(directory: QueueDirectory, keep: number): Promise<void> {
  if (keep === Infinity) return
  const { jobs } = await listJobs(directory.completed)
  for (const { fileName, job } of jobs.slice(0, Math.max(0, jobs.length - keep))) {
    await removeJob(directory, join(directory.completed, fileName), job.id)
  }
}
