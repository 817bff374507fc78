import { createIdentity, silentLogger, systemClock } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { openDriver } from '../../src/driver/ioredis-driver.ts'
import { layoutOf } from '../../src/layout/layouts.ts'
import { beat } from '../../src/liveness/beat.ts'
import { register } from '../../src/liveness/registration.ts'
import { condemn } from '../../src/recovery/condemn.ts'
import { recoverWorker } from '../../src/recovery/recover-worker.ts'
import { leaseEnded } from '../../src/recovery/recover.ts'
import { redisSnapshot } from './redis-snapshot.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()
const LEASE_MS = 60_000

describe.skipIf(reason)(`a late beat${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()

  /** A registered worker with one job in its list, whose lease has run out. */
  const silentWorker = async (name: 'native' | 'sidekiq') => {
    const scene = testFleet(redis, name, '')
    const { raw, prefix, keys, oracle } = scene
    const driver = openDriver({ url: redis.url() }, 'test', silentLogger)
    onTestFinished(() => driver.close())
    await driver.ready(new AbortController().signal)
    const layout = layoutOf(name, prefix)
    const fleet = { driver, layout, clock: systemClock, logger: silentLogger }
    const identity = createIdentity()
    const facts = {
      identity,
      queues: ['default'],
      concurrency: 1,
      pid: 1,
      host: 'h',
      connection: '',
    }
    await register(fleet, facts, LEASE_MS, 'new')
    const [id] = await scene.enqueue([{ do: 'hold' }])
    const [work = ''] = keys.held(identity)
    await raw.command('LMOVE', keys.wait, work, 'RIGHT', 'LEFT')
    await raw.command('ZADD', keys.workers, 'XX', 1, identity)
    const beatOnce = () =>
      beat(driver, {
        identity,
        workers: layout.fleet.workers,
        worker: layout.fleet.worker(identity),
        fence: layout.fleet.fence(identity),
        leaseMs: LEASE_MS,
      })
    const look = () => leaseEnded(fleet, Date.now())
    const isFenced = () => scene.isFenced(identity)
    return { fleet, raw, prefix, identity, id, beatOnce, look, isFenced, oracle }
  }

  it.each(LAYOUTS)('%s: between the look and the verdict: nothing happens', async (name) => {
    const { fleet, raw, prefix, identity, beatOnce, look } = await silentWorker(name)
    expect(await look()).toEqual([identity])
    await beatOnce()
    const before = await redisSnapshot(raw, prefix)
    const request = { cause: 'unknown', grounds: 'lease', by: 'test' } as const
    expect(await condemn(fleet, identity, request)).toBeUndefined()
    const options = { maxInterruptions: 3, by: 'test' }
    expect(await recoverWorker(fleet, identity, request, options)).toEqual([])
    expect(await redisSnapshot(raw, prefix)).toEqual(before)
    expect(await look()).toEqual([])
  })

  it.each(LAYOUTS)('%s: after the verdict: refused for good', async (name) => {
    const { fleet, identity, id, beatOnce, isFenced, oracle } = await silentWorker(name)
    const request = { cause: 'unknown', grounds: 'lease', by: 'test' } as const
    expect(await condemn(fleet, identity, request)).toMatchObject({ held: 1, cause: 'unknown' })
    expect(await beatOnce()).toBe('fenced')
    const options = { maxInterruptions: 3, by: 'test' }
    const recovered = await recoverWorker(
      fleet,
      identity,
      { ...request, grounds: 'certain' },
      options,
    )
    expect(recovered).toMatchObject([{ id, to: 'queue' }])
    expect(await beatOnce()).toBe('fenced')
    expect(await isFenced()).toBe(true)
    expect(await oracle.available()).toEqual([id])
    expect(await oracle.registered()).toEqual([])
  })

  it.each(LAYOUTS)('%s: of a worker that left: nobody is declared dead', async (name) => {
    const { fleet, raw, prefix, identity, look } = await silentWorker(name)
    expect(await look()).toEqual([identity])
    await raw.command('ZREM', fleet.layout.fleet.workers, identity)
    const before = await redisSnapshot(raw, prefix)
    const request = { cause: 'unknown', grounds: 'lease', by: 'test' } as const
    expect(await condemn(fleet, identity, request)).toBeUndefined()
    expect(await redisSnapshot(raw, prefix)).toEqual(before)
  })
})
