import {
  type JobOutcome,
  type Lease,
  type LeaseWork,
  persist,
  RecyclerError,
  rescueFor,
  type RescueStrategies,
} from '@worker-recycler/core'
import type { BullmqQueue } from '../queue/bullmq-queue.ts'
import { putBack } from '../queue/put-back.ts'
import { readField } from '../queue/run-script.ts'
import { deliveryFrom, HISTORY_FIELD, parseHistory } from '../recovery/history.ts'
import type { BullmqJob } from './bullmq-worker.ts'
import { setContext } from './context-of.ts'
import { deferred } from './deferred.ts'
import type { Endings } from './endings.ts'
import type { Fetches } from './fetches.ts'
import type { Life } from './life.ts'
import { HandedBack, isMovedByHandler, PutAside } from './moved-by-handler.ts'

/** What running a job needs. */
export interface RunParts {
  readonly queue: BullmqQueue
  readonly life: Life
  readonly fetches: Fetches
  readonly endings: Endings
  readonly rescue: RescueStrategies
  /** The lease's id for a job's. */
  readonly leaseId: (jobId: string) => string
  /** BullMQ found the job's lock gone when it ended. */
  readonly lost: (jobId: string) => void
}

/**
 * Runs a job as a lease. What it gives is for BullMQ, which records it: the processor's own result or
 * error, or that the job was moved already when it was handed back.
 */
export async function runJob(
  job: BullmqJob,
  token: string,
  process: () => Promise<unknown>,
  parts: RunParts,
): Promise<unknown> {
  const { queue, life, fetches, endings, rescue, lost } = parts
  const { context, table, turnstile } = life
  const { name, id = '' } = job
  const history = parseHistory(await storedHistory(job, parts), job.attemptsMade)
  const delivery = deliveryFrom(history, job.stalledCounter)
  const answer = deferred<unknown>()
  let isTaken = false
  let result: unknown
  let moved: unknown

  const call = async (): Promise<void> => {
    if (isTaken) return
    const decision = rescueFor(rescue, { name, delivery })
    if (decision === 'skip') return
    if (decision === 'fail' || decision === 'hold') throw refusal(decision, delivery.interruptions)
    try {
      result = await process()
    } catch (error) {
      if (!isMovedByHandler(error)) throw error
      moved = error
    }
  }
  const work: LeaseWork = {
    handle: async (jobContext) => {
      setContext(job, jobContext)
      const leave = await turnstile.enter(history.suspect)
      await call().finally(leave)
    },
    settle: async (outcome, error) => {
      // Recording the end may bring the next job.
      fetches.settling(job)
      const ending = moved === undefined ? endings.of(job) : 'recorded'
      if (moved !== undefined) answer.reject(moved)
      else if (outcome === 'failed') answer.reject(error)
      else answer.resolve(result)
      if ((await ending) === 'recorded') return 'settled'
      lost(id)
      return 'fenced'
    },
    putBack: async () => {
      isTaken = true
      const done = await putBack(queue, { id, token, uncharged: true })
      answer.reject(new HandedBack())
      return done ? 'handedBack' : 'fenced'
    },
  }
  const startedAtMs = context.clock.nowMs()
  const lease: Lease = { id: parts.leaseId(id), name, startedAtMs, delivery }
  const running: Promise<JobOutcome> = table.run(lease, work)
  fetches.taken(job)
  running.catch((error: unknown) =>
    context.logger.error({ id, name, error }, 'a job is held still'),
  )
  return answer.promise
}

/** A job that never began a run which did not end has no history: most need not be asked for it. */
function storedHistory(job: BullmqJob, { queue, life }: RunParts): Promise<string> | string {
  if (job.attemptsStarted <= job.attemptsMade + 1) return ''
  const { clock, logger } = life.context
  const read = async () => (await readField(queue, queue.toKey(job.id ?? ''), HISTORY_FIELD)) ?? ''
  const failed = (error: unknown) => logger.warn({ error }, "a job's history cannot be read")
  const persistence = { clock, signal: life.stopped, firstMs: 100, longestMs: 5000, failed }
  return persist(read, persistence).catch(() => {
    // The worker stops. Nothing is recorded of the job: its lock runs out, and it is found as stalled.
    throw new HandedBack()
  })
}

function refusal(decision: 'fail' | 'hold', interruptions: number): Error {
  const why = `[bullmq-adapter] The job was interrupted ${interruptions} times, and its rescue strategy is \`${decision}\``
  return decision === 'hold' ? new PutAside(why) : new RecyclerError('INTERRUPTED', why)
}
