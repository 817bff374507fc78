import { buffersOf, replyOf } from '../driver/driver.ts'
import { errorWord } from '../driver/storage-error.ts'
import type { Fleet } from '../fleet.ts'
import { unreadable } from '../layout/job-record.ts'
import type { Acknowledgements } from './acknowledgements.ts'
import type { Custody } from './custody.ts'
import type { HeldJob } from './held-job.ts'

/** What comparing a worker's lists with its memory needs. */
export interface ReconcileOptions {
  readonly fleet: Fleet
  readonly identity: string
  readonly custody: Custody
  readonly acknowledgements: Acknowledgements
  /** Takes up a job that was moved here by a claim whose reply was lost. */
  readonly takeUp: (job: HeldJob) => void
  /** Acknowledges once more what a failover has brought back. */
  readonly endAgain: (job: HeldJob) => void
}

/**
 * Reads this worker's own lists and takes up what nobody looks after: jobs that a claim has moved
 * although its reply never came. Only right while no claim is under way, on the connection that
 * claims: what was claimed before is known then.
 */
export async function reconcile(
  options: ReconcileOptions,
  queues: Iterable<string>,
): Promise<void> {
  const { fleet, identity, custody, acknowledgements } = options
  const { driver, layout, logger } = fleet
  for (const queue of queues) {
    const key = layout.queue(queue).work(identity)
    const strays = custody.look()
    const [reply = null] = await driver.send([['LRANGE', key, 0, -1]])
    // A tomb, if this worker was declared dead: the next acknowledgement or claim tells.
    if (errorWord(reply) === 'WRONGTYPE') continue
    const listed = buffersOf(replyOf([reply]))
    const held = listed.map((bytes): HeldJob => {
      const record = layout.codec.parse(bytes, queue)
      return { queue, bytes, record: record ?? unreadable(queue) }
    })
    for (const stray of strays(held)) {
      const { id, name } = stray.record
      const ended = acknowledgements.endedLately(id, stray.bytes)
      logger.warn(
        { id, name, queue, ended },
        'found a job in the own list that a lost reply had hidden',
      )
      if (ended) options.endAgain(stray)
      else options.takeUp(stray)
    }
  }
}
