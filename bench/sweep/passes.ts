import type { Script } from '../../packages/redis-fetch/src/driver/driver.ts'
import { layoutOf } from '../../packages/redis-fetch/src/layout/layouts.ts'
import { BEAT, TEND } from '../../packages/redis-fetch/src/scripts/registration.ts'
import type { RawRedis } from '../../test/redis/raw-redis.ts'

const { fleet } = layoutOf('native')
const LEASE_MS = 12_000
const AT_ONCE = 1000

const host = 'worker-host-01'
const identityOf = (number: number) =>
  `${host}:${1000 + number}:${number.toString(16).padStart(12, '0')}`

/** Registers workers with both: for the GitLab fetcher each has a heartbeat and holds a job. */
export async function registerWorkers(raw: RawRedis, workers: number): Promise<void> {
  const now = Date.now()
  for (let start = 0; start < workers; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, workers - start) }, (_, index) =>
      identityOf(start + index),
    )
    await raw.pipeline(
      some.flatMap((identity) => [
        ['LPUSH', `working:queue:default:${identity}`, 'x'.repeat(300)],
        ['SET', `reliable-fetcher-heartbeat-${identity.replaceAll(':', '-')}`, 1],
        // A lease that does not end while we measure.
        ['ZADD', fleet.workers, now + 1_000_000 + (Math.random() * LEASE_MS) / 3, identity],
        ['HSET', fleet.worker(identity), 'queues', 'default'],
      ]),
    )
  }
  for (const { lua } of [TEND, BEAT]) await raw.command('SCRIPT', 'LOAD', lua)
}

/** One cleanup of the GitLab fetcher when nobody has died: a look at every key, and at each heartbeat. */
export async function scanCleanup(raw: RawRedis): Promise<void> {
  let cursor = '0'
  do {
    const words = ['SCAN', cursor, 'MATCH', 'working:queue:*', 'COUNT', 1000] as const
    const [next, keys] = (await raw.text(...words)) as [string, string[]]
    for (const key of keys) {
      const identity = key.split(':').slice(-3).join('-')
      await raw.command('GET', `reliable-fetcher-heartbeat-${identity}`)
    }
    cursor = next
  } while (cursor !== '0')
}

/** The GitLab fetcher's heartbeat, which each process sends every 20 s. */
export async function gitlabHeartbeat(raw: RawRedis): Promise<void> {
  const key = `reliable-fetcher-heartbeat-${identityOf(0).replaceAll(':', '-')}`
  await raw.command('SET', key, 1, 'EX', 60)
}

/** Our sweep by itself: the leases that have run out, of which there are none. */
export async function expiredLeases(raw: RawRedis): Promise<void> {
  await raw.command('ZRANGEBYSCORE', fleet.workers, '-inf', Date.now(), 'LIMIT', 0, 100)
}

/** What each worker sends every 4 s, and the keeper's sweep rides on. The first is the keeper. */
export function tend(as: 'keeper' | 'another'): (raw: RawRedis) => Promise<unknown> {
  const identity = identityOf(as === 'keeper' ? 0 : 1)
  const state = JSON.stringify({ phase: 'working', rssBytes: 100_000_000, jobs: {} })
  const keys = [fleet.keeper, fleet.worker(identity), fleet.workers, fleet.due]
  return (raw) => run(raw, TEND, keys, [identity, 100_000_000, state])
}

/** The other thing that each worker sends every 4 s: it renews its lease. */
export async function renewLease(raw: RawRedis): Promise<void> {
  const identity = identityOf(2)
  const { workers } = fleet
  const keys = [workers, fleet.worker(identity), fleet.fence(identity), workers]
  await run(raw, BEAT, keys, [identity, 1_000_000, 0, ''])
}

async function run(
  raw: RawRedis,
  { sha1 }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return raw.command('EVALSHA', sha1, keys.length, ...keys, ...args)
}
