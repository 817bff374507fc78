import { replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { NO_HISTORY } from '../layout/job-record.ts'
import type { QueueKeys } from '../layout/layout.ts'
import { move, type Move } from '../scripts/move.ts'
import { ring, ringForSuspects } from './ring.ts'
import { type StoredJob, storedJob } from './stored-job.ts'

/** Jobs that do not run by themselves: in quarantine, or dead. */
export interface StoppedJobs {
  /** The newest first, at most `limit` of each queue (1000 unless told). */
  list(limit?: number): Promise<readonly StoredJob[]>
  show(id: string): Promise<StoredJob | undefined>
  /** Puts a job back into its queue with a clean record; false when there is none of this id. */
  release(id: string): Promise<boolean>
  /** Removes a job for good; false when there is none of this id. */
  discard(id: string): Promise<boolean>
}

interface Found {
  readonly key: string
  readonly bytes: Buffer
  readonly job: StoredJob
}

/** Makes the operator's side of one kind of stopped jobs. */
export function createStoppedJobs(
  fleet: () => Promise<Fleet>,
  state: 'quarantine' | 'dead',
  queues: () => Promise<readonly string[]>,
): StoppedJobs {
  const places = async ({ layout }: Fleet): Promise<Map<string, string>> => {
    // In the sidekiq layout all queues share one set.
    const keyOf = (keys: QueueKeys) => (state === 'dead' ? keys.dead : keys.quarantine)
    return new Map((await queues()).map((queue) => [keyOf(layout.queue(queue)), queue]))
  }
  async function* each(from: Fleet, most: number): AsyncGenerator<Found> {
    for (const [key, queue] of await places(from)) {
      for (let start = 0; start < most; start += 100) {
        const end = Math.min(most, start + 100) - 1
        const range = ['ZRANGE', key, start, end, 'REV', 'WITHSCORES'] as const
        const flat = replyOf(await from.driver.send([range]))
        if (!Array.isArray(flat) || flat.length === 0) break
        for (let index = 0; index < flat.length; index += 2) {
          const bytes: unknown = flat[index]
          if (!Buffer.isBuffer(bytes)) continue
          const score = Number(String(flat[index + 1]))
          yield { key, bytes, job: storedJob(from, bytes, { queue, state, score }) }
        }
      }
    }
  }
  const find = async (from: Fleet, id: string): Promise<Found | undefined> => {
    for await (const found of each(from, Infinity)) if (found.job.id === id) return found
    return undefined
  }
  const moveOne = async (from: Fleet, key: string, job: Move): Promise<boolean> => {
    const moved = await move(from.driver, key, [job])
    if (moved[0] instanceof Error) throw moved[0]
    return moved[0] === true
  }

  return {
    list: async (limit = 1000) => {
      const jobs: StoredJob[] = []
      for await (const { job } of each(await fleet(), limit)) jobs.push(job)
      return jobs
    },
    show: async (id) => (await find(await fleet(), id))?.job,
    release: async (id) => {
      const from = await fleet()
      const found = await find(from, id)
      if (!found || found.job.malformed) return false
      const { key, bytes, job } = found
      const keys = from.layout.queue(job.queue)
      // A suspect stays one: it runs alone until it has completed.
      const history = { ...NO_HISTORY, suspect: job.suspect }
      const next = from.layout.codec.change(bytes, history)
      const to = job.suspect ? keys.suspects : keys.wait
      const released = await moveOne(from, key, { bytes, to, next })
      await (job.suspect ? ringForSuspects(from, job.queue) : ring(from, [job.queue]))
      return released
    },
    discard: async (id) => {
      const from = await fleet()
      const found = await find(from, id)
      if (!found) return false
      const { key, bytes, job } = found
      const discarded = await moveOne(from, key, { bytes })
      if (job.unique)
        await from.driver.send([['DEL', from.layout.queue(job.queue).reservation(id)]])
      return discarded
    },
  }
}
