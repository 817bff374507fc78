import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import {
  faultScene,
  LAYOUTS,
  type LayoutName,
  loadScripts,
  ownServer,
  untilTrue,
} from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
/** Short, so that all beats pass before the doorbell's own time is over. */
const LEASE_MS = 1500
/** A whole number of the keeper's rounds of looks, whichever round is the first. */
const BEATS = 20
/** What the test itself sends, and the command that blocks for as long as real time lets it. */
const NOT_COUNTED = new Set(['ping', 'info', 'config|resetstat', 'bzpopmin'])

/** How often each command was called, also in scripts, since the last reset. */
async function calls(raw: RawRedis): Promise<Map<string, number>> {
  const text = String(await raw.text('INFO', 'commandstats'))
  const counted = new Map<string, number>()
  for (const [, name = '', number] of text.matchAll(/cmdstat_(\S+):calls=(\d+)/g)) {
    if (!NOT_COUNTED.has(name)) counted.set(name, Number(number))
  }
  return counted
}

const sum = (counted: ReadonlyMap<string, number>) =>
  [...counted.values()].reduce((total, each) => total + each, 0)

async function idleCost(layout: LayoutName, queues: number, unrelated: number) {
  const { server, raw } = await ownServer()
  await loadScripts(raw)
  const scene = faultScene(() => raw, layout)
  const clock = fakeClock({ epochMs: Date.now() })
  const worker = inProcessWorker({
    ...scene.storage,
    url: server.url,
    clock,
    leaseMs: LEASE_MS,
    queues: Array.from({ length: queues }, (_, index) => `queue-${index}`),
  })
  for (let key = 0; key < unrelated; key += 1) await raw.command('SET', `unrelated:${key}`, key)
  const pass = async (): Promise<void> => {
    await clock.advance(LEASE_MS / 3)
    for (let trips = 0; trips < 20; trips += 1) await raw.command('PING')
  }
  await worker.start()
  // All connections are there, and what the start has claimed has been looked at.
  const listed = async () => String(await raw.text('CLIENT', 'LIST'))
  const names = ['claims', 'doorbell', ...(layout === 'sidekiq' ? ['invalidations'] : [])]
  await untilTrue(async () => {
    const now = await listed()
    return names.every((name) => now.includes(`name=worker-recycler:${name}`))
  })
  do {
    await raw.command('CONFIG', 'RESETSTAT')
    await pass()
  } while ((await calls(raw)).has('lrange') || (await calls(raw)).has('client|caching'))
  await raw.command('CONFIG', 'RESETSTAT')
  for (let beat = 0; beat < BEATS; beat += 1) await pass()
  return calls(raw)
}

describe.skipIf(reason).each(LAYOUTS)(
  `what a worker asks of the server${skipped}: %s layout`,
  (layout) => {
    it('while it is idle does not grow with queues, nor with other keys', async () => {
      const one = await idleCost(layout, 1, 0)
      expect(await idleCost(layout, 100, 0)).toEqual(one)
      expect(await idleCost(layout, 1, 2000)).toEqual(one)
      // Renewing and tending are scripts; what they and the keeper's looks do counts, too.
      expect(one.get('evalsha')).toBe(2 * BEATS)
      expect(sum(one) / BEATS).toBeLessThanOrEqual(20)
      for (const costly of ['scan', 'keys', 'smembers', 'lrange'])
        expect(one.has(costly)).toBe(false)
    })

    it('for a job that does nothing is to claim it and to acknowledge it', async () => {
      const { server, raw } = await ownServer()
      await loadScripts(raw)
      const scene = faultScene(() => raw, layout)
      const { wait } = scene.keys()
      for (let job = 0; job < 1000; job += 1) await raw.command('LPUSH', wait, scene.write().bytes)
      const clock = fakeClock({ epochMs: Date.now() })
      const worker = inProcessWorker({
        ...scene.storage,
        url: server.url,
        clock,
        leaseMs: LEASE_MS,
        concurrency: 10,
        auto: true,
      })
      await raw.command('CONFIG', 'RESETSTAT')
      await worker.start()
      await worker.until(() => worker.settled.length === 1000)
      const counted = await calls(raw)
      expect(counted.get('lrem')).toBe(1000)
      // Two exchanges are under way: each may ask once in vain.
      const asked = counted.get('lmove') ?? 0
      expect(asked).toBeGreaterThanOrEqual(1000)
      expect(asked).toBeLessThanOrEqual(1000 + (layout === 'native' ? 30 : 1000))
      expect(counted.get('evalsha') ?? 0).toBeLessThanOrEqual(1010)
      // Moving on from job to job needs nothing else; the rest is the start.
      const others = new Map(counted)
      for (const name of ['lrem', 'lmove', 'evalsha', 'exists', 'type']) others.delete(name)
      expect(sum(others)).toBeLessThanOrEqual(150)
    })
  },
)
