import { join } from 'node:path'
import { afterDeath, type DeathCause, type Logger, type RecoveredJob } from '@worker-recycler/core'
import { type ListedJob, listJobs } from '../directory/list.ts'
import { move } from '../directory/move.ts'
import { putAside } from '../directory/put-aside.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { formatFence } from '../names/identity-name.ts'
import { formatJobFileName } from '../names/job-file-name.ts'
import {
  closeFence,
  type CountedFence,
  countHeld,
  fenceWorker,
  openFences,
  unregister,
} from './fence-worker.ts'

/** What every recovery needs to know. */
export interface RecoveryContext {
  readonly directory: QueueDirectory
  readonly maxInterruptions: number
  readonly logger: Logger
}

/**
 * Fences a dead worker and puts back what it held, each job by one rename. May be killed at any
 * point, and run by several at once: the next one finishes it, with the same cause.
 */
export async function recoverWorker(
  context: RecoveryContext,
  identity: string,
  cause: DeathCause,
  signal: AbortSignal,
): Promise<RecoveredJob[]> {
  signal.throwIfAborted()
  // What an earlier recovery of this name left, if any, must be out of the way of the rename.
  const earlier = await emptyFences(context, identity, signal)
  await fenceWorker(context.directory, identity, cause)
  return [...earlier, ...(await finishRecovery(context, identity, signal))]
}

/** Finishes what was begun for one worker that is fenced already. */
export async function finishRecovery(
  context: RecoveryContext,
  identity: string,
  signal: AbortSignal,
): Promise<RecoveredJob[]> {
  const recovered = await emptyFences(context, identity, signal)
  // The last step: while the record is there, every sweep finds the worker again.
  await unregister(context.directory, identity)
  if (recovered.length > 0) {
    context.logger.info({ identity, recovered }, 'recovered the jobs of a worker')
  }
  return recovered
}

async function emptyFences(
  context: RecoveryContext,
  identity: string,
  signal: AbortSignal,
): Promise<RecoveredJob[]> {
  const recovered: RecoveredJob[] = []
  for (;;) {
    const fences = await openFences(context.directory, identity)
    if (fences.length === 0) return recovered
    for (const fence of fences) {
      const counted = await countHeld(context.directory, fence)
      if (counted) recovered.push(...(await emptyFence(context, counted, signal)))
    }
  }
}

async function emptyFence(
  context: RecoveryContext,
  fence: CountedFence,
  signal: AbortSignal,
): Promise<RecoveredJob[]> {
  const { directory, logger } = context
  const folder = join(directory.recovering, formatFence(fence))
  const recovered: RecoveredJob[] = []
  // A rename that was under way when the fence went up may still bring a job in: look again.
  do {
    const { jobs, strangers } = await listJobs(folder)
    for (const name of strangers) await putAside(directory, folder, name, 'not a job', logger)
    for (const listed of jobs) {
      signal.throwIfAborted()
      const result = await recoverJob(context, fence, folder, listed)
      if (result) recovered.push(result)
    }
  } while (!(await closeFence(directory, fence)))
  return recovered
}

/** Undefined when another recoverer has moved the job. */
async function recoverJob(
  { directory, maxInterruptions }: RecoveryContext,
  fence: CountedFence,
  folder: string,
  { fileName, job }: ListedJob,
): Promise<RecoveredJob | undefined> {
  const { to, job: next } = afterDeath(job, fence, maxInterruptions)
  const target = to === 'quarantine' ? directory.quarantine : directory.ready(job.queue)
  const from = join(folder, fileName)
  const path = join(target, formatJobFileName(next))
  if ((await move(from, path, directory.fsync)) === 'gone') {
    // Perhaps the queue's directory was removed by hand.
    await directory.ensureQueue(job.queue)
    if ((await move(from, path, directory.fsync)) === 'gone') return undefined
  }
  return { id: job.id, name: job.name, from: fence.identity, to }
}
