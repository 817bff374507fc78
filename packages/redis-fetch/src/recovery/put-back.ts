import { afterDeath, type Death, deliveryOf, type RecoveredJob } from '@worker-recycler/core'
import { buffersOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { ring, ringForSuspects } from '../queue/ring.ts'
import { move, type Move, portions } from '../scripts/move.ts'

/** A list of jobs whose holder is dead. */
export interface DeadList {
  readonly key: string
  readonly queue: string
  readonly identity: string
  /** Nothing is moved while this key exists: it would show that the holder lives. */
  readonly unless?: string
}

/**
 * Puts back all that a list holds: each job to the queue, to the suspects, or into quarantine. May be
 * killed at any point, and run by several at once.
 */
export async function putBack(
  fleet: Fleet,
  list: DeadList,
  death: Death,
  maxInterruptions: number,
  signal?: AbortSignal,
): Promise<RecoveredJob[]> {
  const { driver } = fleet
  const recovered: RecoveredJob[] = []
  for (;;) {
    signal?.throwIfAborted()
    // From the right, where the oldest are: they come first in the queue again.
    const jobs = buffersOf(replyOf(await driver.send([['LRANGE', list.key, -100, -1]])))
    const decided = jobs
      .toReversed()
      .map((bytes) => decide(fleet, list, bytes, death, maxInterruptions))
    let progress = false
    for (const portion of portions(decided)) {
      signal?.throwIfAborted()
      const moved = await move(driver, list.key, portion, list.unless)
      if (typeof moved === 'string') return recovered
      const own = portion.filter((_, index) => moved[index] === true)
      recovered.push(...own.map(({ report }) => report))
      progress ||= own.length > 0
      await tell(fleet, list.queue, own)
      const refusal = moved.find((each) => each instanceof Error)
      if (refusal) throw refusal
    }
    // Another recovery takes what this one does not: an empty list, not an empty hand, is the end.
    if (jobs.length === 0 || !progress) {
      const [left = 0] = await driver.send([['LLEN', list.key]])
      if (left === 0 || left instanceof Error) return recovered
    }
  }
}

type Decided = Move & { readonly report: RecoveredJob; readonly suspect: boolean }

function decide(
  { layout, clock, logger }: Fleet,
  { queue, identity }: DeadList,
  bytes: Buffer,
  death: Death,
  maxInterruptions: number,
): Decided {
  const keys = layout.queue(queue)
  const at = { score: layout.score(clock.epochMs()) }
  const job = layout.codec.parse(bytes, queue)
  if (!job) {
    logger.error({ queue, identity }, 'a malformed job was put into quarantine')
    const report = { id: '', name: '', from: identity, to: 'quarantine' } as const
    return { bytes, to: keys.quarantine, at, report, suspect: false }
  }
  const { to, job: next } = afterDeath(job, death, maxInterruptions)
  const changed = next === job ? bytes : layout.codec.change(bytes, next)
  const report = { id: job.id, name: job.name, from: identity, to }
  if (to === 'quarantine') {
    const { interruptions } = deliveryOf(next)
    logger.warn({ ...report, queue, interruptions }, 'a job was put into quarantine')
    return { bytes, to: keys.quarantine, at, next: changed, report, suspect: false }
  }
  if (next.suspect) {
    return { bytes, to: keys.suspects, at: 'left', next: changed, report, suspect: true }
  }
  // What may be at fault comes last; what is not comes first again.
  const end = next === job || next.blamed === job.blamed ? 'right' : 'left'
  return { bytes, to: keys.wait, at: end, next: changed, report, suspect: false }
}

async function tell(fleet: Fleet, queue: string, moved: readonly Decided[]): Promise<void> {
  const back = moved.filter(({ report }) => report.to === 'queue')
  if (back.some(({ suspect }) => suspect)) await ringForSuspects(fleet, queue)
  if (back.some(({ suspect }) => !suspect)) await ring(fleet, [queue])
}
