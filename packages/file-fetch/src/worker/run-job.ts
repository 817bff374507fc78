import {
  type Clock,
  deliveryOf,
  type JobContext,
  type JobOutcome,
  type Lease,
  type LeaseTable,
  type LeaseWork,
  type Logger,
  RecyclerError,
} from '@worker-recycler/core'
import type { JobContent } from '../directory/job-content.ts'
import type { ListedJob } from '../directory/list.ts'
import type { HeldJobs, HeldOutcome } from './held-jobs.ts'
import { untilMoved } from './until-moved.ts'

/** A job as its handler sees it. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** What was enqueued, as JSON keeps it. */
  readonly payload: unknown
  readonly enqueuedAtEpochMs: number
}

/** Does a job's work. A rejection means that the job failed. */
export type Handler = (job: Job, context: JobContext) => Promise<void> | void

/** What running a job needs. */
export interface RunContext {
  readonly handlers: Readonly<Record<string, Handler>>
  readonly table: LeaseTable
  readonly held: HeldJobs
  readonly clock: Clock
  readonly logger: Logger
  /** Aborts when the worker stops: a settling that still cannot be made durable is given up. */
  readonly stopped: AbortSignal
}

/** The lease of a job that was claimed just now. */
export function createLease({ job }: ListedJob, clock: Clock): Lease {
  return {
    id: job.id,
    name: job.name,
    startedAtMs: clock.nowMs(),
    delivery: deliveryOf(job),
  }
}

/** Runs a claimed job to its end. Rejects when that end could not be made durable. */
export function runJob(
  context: RunContext,
  lease: Lease,
  listed: ListedJob,
  content: JobContent,
): Promise<JobOutcome> {
  const { handlers, table, held, clock, logger, stopped } = context
  const { id, name, queue } = listed.job
  const { payload, enqueuedAtEpochMs } = content

  const moved = (step: () => Promise<HeldOutcome>) =>
    untilMoved(step, { clock, logger, signal: stopped }, { id, name })

  const work: LeaseWork = {
    handle: async (jobContext) => {
      if (!Object.hasOwn(handlers, name)) {
        throw new TypeError(
          `[file-fetch] No handler for the job "${name}" of queue "${queue}": add it to \`handlers\`, or keep the queue to workers that have one`,
        )
      }
      await handlers[name]?.({ id, name, queue, payload, enqueuedAtEpochMs }, jobContext)
    },
    settle: async (outcome, error) => {
      if (outcome === 'failed') logger.warn({ id, name, error }, 'a job failed')
      const left = await moved(() =>
        outcome === 'completed' ? held.complete(listed) : held.fail(listed, error),
      )
      return left === 'moved' ? 'settled' : 'fenced'
    },
    putBack: async () => {
      const left = await moved(() => held.putBack(listed))
      return left === 'moved' ? 'handedBack' : 'fenced'
    },
  }
  return table.run(lease, work)
}

/** The error of a job whose rescue strategy is `fail`. */
export function interruptedError(listed: ListedJob): RecyclerError {
  const { interruptions, lastCause } = listed.job
  return new RecyclerError(
    'INTERRUPTED',
    `[file-fetch] The job was interrupted (${interruptions} times, last by ${lastCause ?? 'unknown'}), and its rescue strategy is \`fail\``,
  )
}
