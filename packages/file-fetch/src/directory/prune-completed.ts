import { join } from 'node:path'
import type { Logger } from '@worker-recycler/core'
import { listJobs } from './list.ts'
import type { QueueDirectory } from './queue-directory.ts'
import { removeJob } from './remove-job.ts'

/** Completions between two looks at the directory: a listing for each job would cost too much. */
const PRUNE_BATCH = 100

/** Removes completed jobs now and then. */
export interface Pruner {
  /** To be called for each job that completed. */
  completed(): void
  /** Removes the oldest completed jobs beyond the number to keep. Several processes may do so at once. */
  prune(): Promise<void>
}

/** Makes the pruner of one worker; at most one of its looks is under way. */
export function createPruner(directory: QueueDirectory, keep: number, logger: Logger): Pruner {
  let count = 0
  let underWay: Promise<void> | undefined

  const removeOldest = async (): Promise<void> => {
    const { jobs } = await listJobs(directory.completed)
    for (const { fileName, job } of jobs.slice(0, Math.max(0, jobs.length - keep))) {
      await removeJob(directory, join(directory.completed, fileName), job)
    }
  }
  const prune = async (): Promise<void> => {
    if (keep === Infinity) return
    underWay ??= removeOldest().finally(() => {
      underWay = undefined
    })
    await underWay
  }

  return {
    prune,
    completed: () => {
      count += 1
      if (count % PRUNE_BATCH !== 0) return
      prune().catch((error: unknown) => logger.warn({ error }, 'completed jobs were not pruned'))
    },
  }
}
