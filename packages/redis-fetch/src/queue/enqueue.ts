import { randomBytes } from 'node:crypto'
import { type Argument, type Command, type Reply, replyOf } from '../driver/driver.ts'
import { storageError } from '../driver/storage-error.ts'
import type { Fleet } from '../fleet.ts'
import { checkId, checkJobName, checkQueueName } from '../layout/queue-name.ts'
import { ENQUEUE } from '../scripts/enqueue.ts'
import { noteDue } from './note-due.ts'
import { ring, rings } from './ring.ts'

/** How one job is enqueued. */
export interface EnqueueOptions {
  /** Defaults to `default`. */
  readonly queue?: string
  /** Runs the job no earlier than after this time. Defaults to 0. */
  readonly delayMs?: number
  /** Or no earlier than at this wall-clock time. */
  readonly runAt?: Date
  /**
   * Makes the enqueueing idempotent: while a job with this id is in this queue (waiting, delayed, held,
   * in quarantine or dead), another is refused. Defaults to 24 random hex digits.
   */
  readonly id?: string
  /** For how long the id is reserved at most, should its job never end. Defaults to 7 days. */
  readonly uniqueForMs?: number
}

/** What became of one enqueueing. */
export interface EnqueueResult {
  readonly id: string
  /** `duplicate`: a job with the given id is there; nothing was enqueued. */
  readonly outcome: 'enqueued' | 'duplicate'
}

/** One job of `enqueueMany`. */
export interface NewJob extends EnqueueOptions {
  readonly name: string
  readonly payload: unknown
}

/** Writes jobs into their queues. */
export type Enqueue = (jobs: readonly NewJob[]) => Promise<EnqueueResult[]>

const UNIQUE_FOR_MS = 7 * 24 * 60 * 60 * 1000
/** Jobs that are written with one round trip. */
const AT_ONCE = 500

interface Prepared {
  readonly id: string
  readonly queue: string
  readonly dueEpochMs: number | undefined
  readonly command: Command
}

/** Makes the producer's side. */
export function createEnqueue(fleet: Fleet): Enqueue {
  const { driver, layout, clock } = fleet
  const known = new Set<string>()

  const prepare = (job: NewJob): Prepared => {
    const now = clock.epochMs()
    const queue = checkQueueName(job.queue ?? 'default')
    const unique = job.id !== undefined
    const id = unique ? checkId(job.id) : randomBytes(12).toString('hex')
    const dueEpochMs = dueAt(job, now)
    const bytes = layout.codec.create({
      id,
      name: checkJobName(job.name),
      queue,
      payload: job.payload,
      enqueuedAtEpochMs: now,
      unique,
    })
    const keys = layout.queue(queue)
    const score = dueEpochMs === undefined ? '' : layout.score(dueEpochMs)
    const target = dueEpochMs === undefined ? keys.wait : keys.scheduled
    const plain: Command = score === '' ? ['LPUSH', target, bytes] : ['ZADD', target, score, bytes]
    const { uniqueForMs = UNIQUE_FOR_MS } = job
    const args: Argument[] = [2, keys.reservation(id), target, uniqueForMs, score, bytes]
    return { id, queue, dueEpochMs, command: unique ? ['EVAL', ENQUEUE.lua, ...args] : plain }
  }
  const write = async (jobs: readonly Prepared[]): Promise<readonly Reply[]> => {
    const commands = jobs.map(({ command }) => command)
    // With the jobs, so that none lies there without a ring.
    if (!driver.isCluster) return driver.send([...commands, ...rings(layout, ready(jobs))])
    // The jobs of one queue share a slot; what is written together must.
    const replies = new Map<Prepared, Reply>()
    const queues = new Set(jobs.map(({ queue }) => queue))
    await Promise.all(
      Array.from(queues, async (queue) => {
        const own = jobs.filter((job) => job.queue === queue)
        const answers = await driver.send(own.map(({ command }) => command))
        own.forEach((job, index) => replies.set(job, answers[index] ?? null))
      }),
    )
    await ring(fleet, ready(jobs))
    return jobs.map((job) => replies.get(job) ?? null)
  }
  const introduce = async (queues: ReadonlySet<string>): Promise<void> => {
    const fresh = Array.from(queues).filter((queue) => !known.has(queue))
    if (fresh.length === 0) return
    replyOf(await driver.send([['SADD', layout.fleet.queues, ...fresh]]))
    for (const queue of fresh) known.add(queue)
  }
  const announceDelayed = async (jobs: readonly Prepared[]): Promise<void> => {
    const first = new Map<string, number>()
    for (const { queue, dueEpochMs = Infinity } of jobs) {
      first.set(queue, Math.min(first.get(queue) ?? Infinity, dueEpochMs))
    }
    for (const [queue, at] of first) if (at < Infinity) await noteDue(fleet, queue, at)
  }

  return async (entries) => {
    // All are checked before any is written.
    const prepared = entries.map(prepare)
    const results: EnqueueResult[] = []
    try {
      await introduce(new Set(prepared.map(({ queue }) => queue)))
      for (let start = 0; start < prepared.length; start += AT_ONCE) {
        const chunk = prepared.slice(start, start + AT_ONCE)
        const replies = await write(chunk)
        const refusal = replies.slice(0, chunk.length).find((reply) => reply instanceof Error)
        await announceDelayed(chunk)
        if (refusal) throw refusal
        results.push(
          ...chunk.map(({ id }, index): EnqueueResult => ({
            id,
            outcome: replies[index] === 0 ? 'duplicate' : 'enqueued',
          })),
        )
      }
      return results
    } catch (error) {
      throw storageError(error, 'Cannot enqueue')
    }
  }
}

/** The queues that get a job which can run now. */
function ready(jobs: readonly Prepared[]): ReadonlySet<string> {
  return new Set(jobs.flatMap(({ queue, dueEpochMs }) => (dueEpochMs === undefined ? queue : [])))
}

function dueAt({ delayMs = 0, runAt }: NewJob, now: number): number | undefined {
  if (typeof delayMs !== 'number' || !(delayMs >= 0) || delayMs === Infinity) {
    throw new TypeError(`Expected \`delayMs\` to be a finite number of at least 0, got ${delayMs}`)
  }
  if (runAt && Number.isNaN(runAt.getTime())) {
    throw new TypeError('Expected `runAt` to be a valid date')
  }
  const at = runAt?.getTime() ?? now + delayMs
  return at > now ? at : undefined
}
