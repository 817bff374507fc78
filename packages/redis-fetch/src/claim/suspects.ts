import { numberOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { ringForSuspects } from '../queue/ring.ts'
import { CLAIM } from '../scripts/claim.ts'
import type { ClaimedJob } from './exchange.ts'

/** Takes one job that must run alone, from the first queue that has one. */
export async function claimSuspect(
  fleet: Fleet,
  identity: string,
  queues: readonly string[],
): Promise<ClaimedJob | undefined> {
  const { driver, layout } = fleet
  const guarded = layout.fencedBy === 'fence'
  for (const queue of queues) {
    const { suspects, work } = layout.queue(queue)
    const guard = guarded ? layout.fleet.fence(identity) : suspects
    const found = await driver.run(
      CLAIM,
      [guard, suspects, work(identity)],
      [guarded ? 'absent' : '', 1, 1, 1],
    )
    const bytes: unknown = Array.isArray(found) ? found[1] : undefined
    if (!Buffer.isBuffer(bytes)) continue
    // Another worker may take the next one: they must each be alone, not one after the other.
    const left = numberOf(replyOf(await driver.send([['LLEN', suspects]])))
    if (left > 0) await ringForSuspects(fleet, queue)
    return { queue, bytes }
  }
  return undefined
}

/** Whether somebody is asked to run a job alone: for a worker that is never idle. Takes the call. */
export async function answerSuspectBell(
  { driver, layout }: Fleet,
  queues: readonly string[],
): Promise<boolean> {
  for (const queue of queues) {
    const popped = replyOf(await driver.send([['ZPOPMIN', layout.fleet.suspectBell(queue)]]))
    if (Array.isArray(popped) && popped.length > 0) return true
  }
  return false
}
