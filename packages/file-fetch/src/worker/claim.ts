import { dirname, join } from 'node:path'
import {
  deliveryOf,
  type JobOutcome,
  type Lease,
  type RescueStrategies,
  rescueFor,
} from '@worker-recycler/core'
import { failureRecord, writeFailure } from '../directory/failure-record.ts'
import { type ReadResult, readJobContent } from '../directory/job-content.ts'
import type { ListedJob } from '../directory/list.ts'
import { move } from '../directory/move.ts'
import { putAside } from '../directory/put-aside.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import type { ClaimLoopContext, ClaimResult } from './claim-loop.ts'
import type { Candidate } from './queue-reader.ts'
import { createLease, interruptedError, type RunContext, runJob } from './run-job.ts'
import { untilMoved } from './until-moved.ts'

/** What claiming needs. */
export interface ClaimContext {
  readonly directory: QueueDirectory
  readonly rescue: RescueStrategies
  readonly run: RunContext
  /** `undefined`: its end could not be made durable; the job is still held, for recovery. */
  onEnded(outcome: JobOutcome | undefined): void
}

const PASSED: ClaimResult = { kind: 'passed' }

/** Makes the step that takes one job, and runs it. */
export function createClaim(context: ClaimContext): ClaimLoopContext['claim'] {
  const { directory, run } = context
  const { held, logger, clock, table } = run

  /** A job that was interrupted, and must not run: it goes where it belongs without being claimed. */
  const setAside = async (
    { listed, path }: Candidate,
    strategy: 'skip' | 'fail' | 'hold',
  ): Promise<void> => {
    if (strategy === 'fail') {
      const record = failureRecord(interruptedError(listed), clock.epochMs())
      await writeFailure(directory, listed.job.id, record)
    }
    const folder = { skip: directory.completed, fail: directory.dead, hold: directory.quarantine }
    const outcome = await move(path, join(folder[strategy], listed.fileName), directory.fsync)
    const { id, name } = listed.job
    if (outcome === 'moved') logger.warn({ id, name, strategy }, 'an interrupted job was not run')
  }

  /** Until it is done: a job that is held without being run would wait for this process to die. */
  const putBack = (listed: ListedJob) =>
    untilMoved(
      () => held.putBack(listed),
      { clock, logger, signal: run.stopped },
      { id: listed.job.id, name: listed.job.name },
    )

  const readOrPutBack = async (listed: ListedJob): Promise<ReadResult> => {
    try {
      return await readJobContent(held.pathOf(listed))
    } catch (error) {
      await putBack(listed)
      throw error
    }
  }

  const follow = (lease: Lease, ended: Promise<JobOutcome>): void => {
    ended.then(
      (outcome) => context.onEnded(outcome),
      (error: unknown) => {
        const { id, name } = lease
        logger.error({ id, name, error }, "a job's end was not recorded; it is left to recovery")
        context.onEnded(undefined)
      },
    )
  }

  return async (candidate, isClosed) => {
    const { listed, path } = candidate
    const { id, name } = listed.job
    const strategy = rescueFor(context.rescue, { name, delivery: deliveryOf(listed.job) })
    if (strategy !== 'retry') {
      await setAside(candidate, strategy)
      return PASSED
    }
    if (table.inFlight().some((lease) => lease.id === id)) return PASSED
    if ((await held.take(listed, path)) === 'gone') {
      return (await held.fenced()) ? { kind: 'fenced' } : PASSED
    }
    // Fetching ended while the rename was under way: others can have the job at once.
    const read = isClosed() ? undefined : await readOrPutBack(listed)
    if (!read || isClosed()) {
      return (await putBack(listed)) === 'fenced' ? { kind: 'fenced' } : PASSED
    }
    if (read.kind === 'gone') return (await held.fenced()) ? { kind: 'fenced' } : PASSED
    if (read.kind === 'malformed') {
      await putAside(directory, dirname(held.pathOf(listed)), listed.fileName, read.why, logger)
      return PASSED
    }
    const lease = createLease(listed, clock)
    follow(lease, runJob(run, lease, listed, read.content))
    return { kind: 'running', lease }
  }
}
