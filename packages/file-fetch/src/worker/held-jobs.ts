import { join } from 'node:path'
import { backOffMs, type Clock, type Logger, type Retries } from '@worker-recycler/core'
import { exists } from '../directory/exists.ts'
import { failureRecord, removeFailure, writeFailure } from '../directory/failure-record.ts'
import type { ListedJob } from '../directory/list.ts'
import { move } from '../directory/move.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { formatJobFileName } from '../names/job-file-name.ts'

/** The end of a job's stay with this worker: each is one rename out of the working directory. */
export interface HeldJobs {
  /** Moves a job in; `gone` when somebody else has it, or when this worker is fenced. */
  take(listed: ListedJob, from: string): Promise<'moved' | 'gone'>
  complete(listed: ListedJob): Promise<HeldOutcome>
  /** To `scheduled`, or to `dead` after the last attempt. */
  fail(listed: ListedJob, error: unknown): Promise<HeldOutcome>
  /** Back to its queue, under its old name: it keeps its place, and nothing is counted. */
  putBack(listed: ListedJob): Promise<HeldOutcome>
  /** Whether this worker was declared dead: its directory is gone. */
  fenced(): Promise<boolean>
  pathOf(listed: ListedJob): string
}

/** `lost`: the file was removed by hand. */
export type HeldOutcome = 'moved' | 'fenced' | 'lost'

/** Makes the working directory's moves for one identity. */
export function createHeldJobs(
  directory: QueueDirectory,
  identity: string,
  options: { retries: Required<Retries>; clock: Clock; logger: Logger },
): HeldJobs {
  const { retries, clock, logger } = options
  const working = directory.workingOf(identity)
  const pathOf = ({ fileName }: ListedJob) => join(working, fileName)

  const moveOut = async (listed: ListedJob, to: string): Promise<HeldOutcome> => {
    const from = pathOf(listed)
    if ((await move(from, to, directory.fsync)) === 'moved') return 'moved'
    if (await exists(from)) {
      // The directory to move to was removed by hand.
      await directory.ensure()
      await directory.ensureQueue(listed.job.queue)
      if ((await move(from, to, directory.fsync)) === 'moved') return 'moved'
    }
    if (!(await exists(working))) return 'fenced'
    logger.error({ from }, 'a held job was removed from its directory by somebody else')
    return 'lost'
  }

  return {
    pathOf,
    fenced: async () => !(await exists(working)),
    take: ({ fileName }, from) => move(from, join(working, fileName), directory.fsync),
    putBack: (listed) => moveOut(listed, join(directory.ready(listed.job.queue), listed.fileName)),
    complete: async (listed) => {
      const outcome = await moveOut(listed, join(directory.completed, listed.fileName))
      if (listed.job.failures > 0) await removeFailure(directory, listed.job.id)
      return outcome
    },
    fail: async (listed, error) => {
      const now = clock.epochMs()
      const failures = listed.job.failures + 1
      const dead = failures >= retries.maxAttempts
      const atEpochMs = dead
        ? listed.job.atEpochMs
        : now + backOffMs(listed.job.id, failures, retries)
      const next = formatJobFileName({ ...listed.job, failures, atEpochMs })
      const folder = dead ? directory.dead : directory.scheduled(listed.job.queue)
      await writeFailure(directory, listed.job.id, failureRecord(error, now))
      return moveOut(listed, join(folder, next))
    },
  }
}
