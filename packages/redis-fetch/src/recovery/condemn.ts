import type { DeathCause } from '@worker-recycler/core'
import { buffersOf, numberOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { knownQueues } from '../queue/known-queues.ts'
import { CONDEMN, HELD, SEAL } from '../scripts/death.ts'

/** A worker that was declared dead, and of which nothing was moved yet by this recovery. */
export interface Condemned {
  readonly identity: string
  /** The cause that counts: the first one that was known. */
  readonly cause: DeathCause
  /** How many jobs it held, over all its queues, before the first was moved. */
  readonly held: number
  readonly queues: readonly string[]
}

/** On what grounds: the supervisor's word, or a lease that ran out. */
export type Grounds = 'certain' | 'lease'

/** How long a worker that was declared dead stays refused. */
const FENCE_MS = 24 * 60 * 60 * 1000

/**
 * Declares a worker dead and takes its lists from it. May be called again, by anybody, at any time:
 * cause and number of jobs stay what they were. Undefined when it lives, or is not known.
 */
export async function condemn(
  fleet: Fleet,
  identity: string,
  request: { readonly cause: DeathCause; readonly grounds: Grounds; readonly by: string },
): Promise<Condemned | undefined> {
  const { driver, layout } = fleet
  const { workers, worker, fence } = layout.fleet
  const { cause, grounds, by } = request
  if (grounds === 'certain' && !(await isKnown(fleet, identity))) return undefined
  const reply = await driver.run(
    CONDEMN,
    [workers, worker(identity), fence(identity)],
    [identity, cause, by, grounds, FENCE_MS],
  )
  const [counts, listed] = buffersOf(reply).map(String)
  if (counts === undefined) return undefined
  const queues = listed ? listed.split(',') : await knownQueues(fleet)
  const held = await countHeld(fleet, identity, queues)
  return { identity, cause: counts as DeathCause, queues, held }
}

/**
 * Whether there is anything to declare dead: a registration, or a list that outlived it. A worker that
 * left cleanly has neither, and its death notice costs nothing but this look.
 */
async function isKnown(fleet: Fleet, identity: string): Promise<boolean> {
  const { driver, layout } = fleet
  const [deadline = null] = await driver.send([['ZSCORE', layout.fleet.workers, identity]])
  if (replyOf([deadline]) !== null) return true
  for (const queue of await knownQueues(fleet)) {
    const { work, recovering } = layout.queue(queue)
    const keys = [...new Set([work(identity), recovering(identity)])]
    const kinds = await driver.send(keys.map((key) => ['TYPE', key] as const))
    if (kinds.some((kind) => String(kind) === 'list')) return true
  }
  return false
}

/** The number is written down before the first job is moved, so that every recovery sees the same. */
async function countHeld(
  fleet: Fleet,
  identity: string,
  queues: readonly string[],
): Promise<number> {
  const { driver, layout } = fleet
  const fence = layout.fleet.fence(identity)
  let held = 0
  for (const queue of queues) held += await seal(fleet, identity, queue)
  return numberOf(await driver.run(HELD, [fence], [held]))
}

async function seal(fleet: Fleet, identity: string, queue: string): Promise<number> {
  const { driver, layout } = fleet
  const keys = layout.queue(queue)
  if (layout.fencedBy === 'fence') {
    return numberOf(replyOf(await driver.send([['LLEN', keys.work(identity)]])))
  }
  for (;;) {
    const pair = [keys.work(identity), keys.recovering(identity)]
    const count = numberOf(await driver.run(SEAL, pair, ['fenced', FENCE_MS]))
    if (count >= 0) return count
  }
}
