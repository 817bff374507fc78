import {
  deliveryOf,
  type JobContext,
  type JobOutcome,
  type Lease,
  type LeaseTable,
  type LeaseWork,
  persist,
  RecyclerError,
} from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import type { HeldOutcome } from './acknowledgements.ts'
import type { HeldJob } from './held-job.ts'
import type { WayOut } from './way-out.ts'

/** A job as its handler sees it. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** What was enqueued, as JSON keeps it; bytes where bytes were. In the `sidekiq` layout the list of arguments. */
  readonly payload: unknown
  /** The job's own bytes, for what JavaScript's JSON cannot read exactly. */
  readonly raw: Buffer
  readonly enqueuedAtEpochMs: number
}

/** Does a job's work. A rejection means that the job failed. */
export type Handler = (job: Job, context: JobContext) => Promise<void> | void

/** What running a job needs. */
export interface RunContext {
  readonly fleet: Fleet
  readonly handlers: Readonly<Record<string, Handler>>
  readonly table: LeaseTable
  readonly wayOut: WayOut
  /** Aborts when the worker stops: an end that still cannot be made durable is left to recovery. */
  readonly stopped: AbortSignal
}

/** The lease of a job that was claimed just now. */
export function createLease({ record }: HeldJob, nowMs: number): Lease {
  const { id, name } = record
  return { id, name, startedAtMs: nowMs, delivery: deliveryOf(record) }
}

/** Runs a held job to its end. Rejects when that end could not be made durable. */
export function runJob(context: RunContext, lease: Lease, held: HeldJob): Promise<JobOutcome> {
  const { fleet, handlers, table, wayOut } = context
  const { queue, bytes, record } = held
  const { id, name, enqueuedAtEpochMs } = record

  const work: LeaseWork = {
    handle: async (jobContext) => {
      if (!Object.hasOwn(handlers, name)) {
        throw new TypeError(
          `[redis-fetch] No handler for the job "${name}" of queue "${queue}": add it to \`handlers\`, or keep the queue to workers that have one`,
        )
      }
      const payload = fleet.layout.codec.payload(bytes)
      await handlers[name]?.(
        { id, name, queue, payload, raw: bytes, enqueuedAtEpochMs },
        jobContext,
      )
    },
    settle: async (outcome, error) => {
      if (outcome === 'completed') return settled(await wayOut.complete(held))
      fleet.logger.warn({ id, name, queue, error }, 'a job failed')
      return settled(await untilMoved(context, held, () => wayOut.fail(held, error)))
    },
    putBack: async () => {
      const outcome = await untilMoved(context, held, () => wayOut.putBack(held))
      return outcome === 'moved' ? 'handedBack' : 'fenced'
    },
  }
  return table.run(lease, work)
}

const FIRST_MS = 50
const LONGEST_MS = 2000

/** Repeats a way out until the server has answered. */
export async function untilMoved(
  { fleet, stopped }: Pick<RunContext, 'fleet' | 'stopped'>,
  { record }: HeldJob,
  step: () => Promise<HeldOutcome>,
): Promise<HeldOutcome> {
  let tries = 0
  const { clock, logger } = fleet
  const { id, name } = record
  const outcome = await persist(
    () => {
      tries += 1
      return step()
    },
    {
      clock,
      signal: stopped,
      firstMs: FIRST_MS,
      longestMs: LONGEST_MS,
      failed: (error) => {
        if (tries === 1) logger.warn({ id, name, error }, 'a job cannot be moved; trying again')
      },
    },
  )
  // Not there any more, after a try whose answer was lost: that one did it.
  return outcome === 'lost' && tries > 1 ? 'moved' : outcome
}

/** The error of a job whose rescue strategy is `fail`. */
export function interruptedError({ record }: HeldJob): RecyclerError {
  const { interruptions, lastCause } = record
  return new RecyclerError(
    'INTERRUPTED',
    `[redis-fetch] The job was interrupted (${interruptions} times, last by ${lastCause ?? 'unknown'}), and its rescue strategy is \`fail\``,
  )
}

function settled(outcome: HeldOutcome): 'settled' | 'fenced' {
  return outcome === 'moved' ? 'settled' : 'fenced'
}
