import { createIdentity } from '@worker-recycler/core'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { idOf } from '../redis-oracle.ts'
import type { TestFleet } from './test-fleet.ts'

/**
 * Registers a worker that is dead for certain, with one job of the queue `haunted` in its list, by raw
 * commands: when that job runs, the keeper has passed a verdict. Gives the job's id.
 */
export async function raiseGhost(fleet: TestFleet, raw: RawRedis = fleet.raw): Promise<string> {
  const { layout, prefix, keys } = fleet
  const identity = createIdentity({ host: 'ghost' })
  const isNative = layout === 'native'
  // From a queue that nobody serves.
  const [id = ''] = await fleet.enqueue([{ do: 'work', ms: 0 }], 'attic')
  const from = isNative ? `{${prefix}/attic}:wait` : `${prefix}queue:attic`
  const work = isNative ? `{${prefix}/haunted}:work:` : `${prefix}working:queue:haunted:`
  const worker = isNative ? `{${prefix}}:worker:` : `${prefix}wr:worker:`
  const moved = await raw.text('LMOVE', from, `${work}${identity}`, 'RIGHT', 'LEFT')
  if (idOf(String(moved)) !== id) throw new Error(`expected ${id}, got ${String(moved)}`)
  await raw.command('HSET', `${worker}${identity}`, 'queues', 'haunted')
  await raw.command('ZADD', keys.workers, 1, identity)
  return id
}
