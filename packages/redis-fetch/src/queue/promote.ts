import { buffersOf, pairsOf, replyOf } from '../driver/driver.ts'
import { errorWord } from '../driver/storage-error.ts'
import type { Fleet } from '../fleet.ts'
import { move, type Move, portions } from '../scripts/move.ts'
import { ring } from './ring.ts'

/**
 * Moves what is due by now into the queues. Any number of processes may do so at once. Resolves with
 * the number of jobs that this one moved; rejects when a queue took nothing, after all others.
 */
export async function promote(fleet: Fleet, queue: string, nowMs: number): Promise<number> {
  const { layout, driver } = fleet
  const { due } = layout.fleet
  // First forget when something is due, then look: what is enqueued meanwhile is noted again.
  await driver.send([['ZREM', due, queue]])
  const { scheduled, retry } = layout.queue(queue)
  let promoted = 0
  const failures: unknown[] = []
  for (const key of new Set([scheduled, retry])) {
    try {
      promoted += await promoteFrom(fleet, key, queue, nowMs)
      await noteFirst(fleet, key, queue)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return promoted
}

/** Notes when the first of a sorted set of delayed jobs is due. */
export async function noteFirst(
  { driver, layout }: Fleet,
  key: string,
  queue: string,
): Promise<void> {
  const [first] = pairsOf(replyOf(await driver.send([['ZRANGE', key, 0, 0, 'WITHSCORES']])))
  if (!first) return
  const dueEpochMs = Math.round(layout.epochMsOf(Number(first[1].toString())))
  await driver.send([['ZADD', layout.fleet.due, 'LT', dueEpochMs, queue]])
}

async function promoteFrom(
  fleet: Fleet,
  key: string,
  queue: string,
  nowMs: number,
): Promise<number> {
  const { driver, layout, logger } = fleet
  const [from, until] = ['-inf', layout.score(nowMs)]
  let promoted = 0
  const refusals: Error[] = []
  for (;;) {
    // Behind those that a broken key has refused, so that they do not hold up the others.
    const range = ['ZRANGE', key, from, until, 'BYSCORE', 'LIMIT', refusals.length, 100] as const
    const jobs = buffersOf(replyOf(await driver.send([range])))
    if (jobs.length === 0 && refusals[0]) throw refusals[0]
    if (jobs.length === 0) return promoted
    const queues = new Set<string>()
    const moves = jobs.map((bytes): Move => {
      const job = layout.codec.parse(bytes, queue)
      if (job) {
        queues.add(job.queue)
        return { bytes, to: layout.queue(job.queue).wait }
      }
      logger.error({ queue }, 'a malformed job was put into quarantine')
      const at = { score: layout.score(nowMs) }
      return { bytes, to: layout.queue(queue).quarantine, at }
    })
    for (const portion of portions(moves)) {
      const moved = await move(driver, key, portion)
      if (typeof moved === 'string') continue
      promoted += moved.filter((each) => each === true).length
      refusals.push(...moved.filter((each) => each instanceof Error))
    }
    await ring(fleet, queues)
    const asWhole = refusals.find((error) => errorWord(error) !== 'WRONGTYPE')
    if (asWhole) throw asWhole
  }
}
