import { coordinatorContract, type CoordinatorTestBed } from '@worker-recycler/core/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startCluster } from '../../../test/redis/cluster.ts'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { startRedis } from '../../../test/redis/redis-server.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { startProxy } from '../../../test/redis/tcp-proxy.ts'
import { redisCoordinator, type RedisCoordinatorOptions } from '../src/coordinator.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const idle = { signal: new AbortController().signal }
const ownIdle = () => ({ signal: new AbortController().signal })
const request = (holder: string) => ({ cohort: 'painters', max: 2, ttlMs: 60_000, holder })

/** Takes time off everything that ends in a cohort: what is stored is then this much older. */
const AGE = `local last
for i, each in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')) do
  if i % 2 == 1 then last = each else redis.call('ZADD', KEYS[1], each - ARGV[1], last) end
end
redis.call('PEXPIRE', KEYS[1], redis.call('PTTL', KEYS[1]) - ARGV[1])`

const age = async (raw: RawRedis, key: string, ms: number) =>
  void (await raw.command('EVAL', AGE, 1, key, ms))

function open(options: RedisCoordinatorOptions) {
  const coordinator = redisCoordinator(options)
  onTestFinished(() => coordinator.stop?.(idle))
  return coordinator
}

describe.skipIf(reason)(`permits on Redis${skipped}`, () => {
  const { raw, server, url } = sharedRedis()

  // The suite looks at a coordinator, which connects to nothing, before the server has started.
  let address: { readonly url?: string } = {}
  beforeAll(() => {
    address = { url: url() }
  })
  const contract = (cohorts: string, optionsOf: (scope: string) => RedisCoordinatorOptions) =>
    coordinatorContract(
      { describe, it },
      {
        create: (scope): CoordinatorTestBed => ({
          setUp: async () => void (await raw().command('FLUSHALL')),
          coordinator: () => redisCoordinator({ ...optionsOf(scope), ...address }),
          pass: async (ms) => {
            const keys = (await raw().text('KEYS', cohorts)) as string[]
            expect(keys).not.toEqual([])
            for (const key of keys) await age(raw(), key, ms)
          },
        }),
      },
    )
  describe('plain', () => {
    contract('{wr}:cohort:*', () => ({}))
  })
  describe('with a prefix', () => {
    contract('{contract-*}:cohort:*', (prefix) => ({ prefix }))
  })
  describe('beside Sidekiq', () => {
    contract('contract-*wr:cohort:*', (prefix) => ({ prefix, layout: 'sidekiq' }))
  })

  it('grants one after the other, at least so far apart', async () => {
    const key = '{spaced}:cohort:painters'
    const coordinator = open({ url: url(), prefix: 'spaced', spacingMs: 30_000 })
    expect(await coordinator.acquire(request('a'), idle)).not.toBeNull()
    expect(await coordinator.acquire(request('b'), idle)).toBeNull()
    expect(await coordinator.acquire(request('a'), idle), 'its own place').not.toBeNull()
    await age(raw(), key, 15_000)
    expect(await coordinator.acquire(request('b'), idle)).toBeNull()
    await age(raw(), key, 15_000)
    expect(await coordinator.acquire(request('b'), idle)).not.toBeNull()
    await age(raw(), key, 29_000)
    expect(await coordinator.acquire(request('c'), idle), 'both places are taken').toBeNull()
  })

  it('counts no grant that was given back unused, and one whose successor gives it back', async () => {
    const options = { url: url(), prefix: 'unused', spacingMs: 30_000 }
    const [first, successor] = [open(options), open(options)]
    const unused = await first.acquire(request('a'), idle)
    await unused?.release(idle)
    expect(await first.acquire(request('b'), idle)).not.toBeNull()
    const inherited = await successor.acquire(request('b'), idle)
    await inherited?.release(idle)
    expect(await first.acquire(request('c'), idle)).toBeNull()
  })

  it('leaves nothing behind once all has lapsed', async () => {
    const key = '{left}:cohort:painters'
    const coordinator = open({ url: url(), prefix: 'left', spacingMs: 90_000 })
    await coordinator.acquire(request('a'), idle)
    const ttlMs = Number(await raw().command('PTTL', key))
    expect(ttlMs).toBeGreaterThan(60_000)
    expect(ttlMs).toBeLessThanOrEqual(90_000)
    await age(raw(), key, 90_001)
    expect(await raw().command('EXISTS', key)).toBe(0)
  })

  it('a late release takes no place from a successor of the same name', async () => {
    const coordinator = open({ url: url(), prefix: 'late' })
    const short = { ...request('a'), max: 1, ttlMs: 0 }
    const late = await coordinator.acquire(short, idle)
    expect(await coordinator.acquire(request('a'), idle)).not.toBeNull()
    await late?.release(idle)
    expect(await coordinator.acquire({ ...request('b'), max: 1 }, idle)).toBeNull()
  })

  it('gives a permit again of which its holder has not heard', async () => {
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    const options = { url: `redis://127.0.0.1:${proxy.port}`, prefix: 'unheard', spacingMs: 60_000 }
    const coordinator = open(options)
    await (await coordinator.acquire(request('other'), idle))?.release(idle)

    proxy.holdRepliesWhen((bytes) => bytes.includes('EVALSHA'))
    const unheard = coordinator.acquire(request('a'), idle)
    await proxy.onReplyLost()
    proxy.cut()
    await expect(unheard).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' })
    expect(await coordinator.acquire(request('b'), idle), 'the permit was granted').toBeNull()
    expect(await coordinator.acquire(request('a'), idle)).toMatchObject({ holder: 'a' })
  })

  it('lets go of a connection on which nobody answers, and asks on a new one', async () => {
    const proxy = await startProxy(server())
    onTestFinished(() => proxy.stop())
    const coordinator = open({ url: `redis://127.0.0.1:${proxy.port}`, prefix: 'silent' })
    await coordinator.acquire(request('a'), idle)

    proxy.holdRepliesWhen((bytes) => bytes.includes('EVALSHA'))
    const controller = new AbortController()
    const silent = coordinator.acquire(request('b'), { signal: controller.signal })
    await proxy.onReplyLost()
    controller.abort(new Error('over'))
    await expect(silent).rejects.toThrow('over')
    proxy.holdRepliesWhen(() => false)
    expect(await coordinator.acquire(request('b'), idle)).not.toBeNull()
  })

  it('connects once, at the first request, and not again after stop()', async () => {
    const clients = async () =>
      String(await raw().text('CLIENT', 'LIST')).match(/name=worker-recycler:coordinator/g)?.length
    const before = await clients()
    const coordinator = redisCoordinator({ url: url(), prefix: 'once' })
    expect(await clients()).toBe(before)
    const holders = Array.from({ length: 20 }, (_, index) => `holder-${index}`)
    const permits = await Promise.all(
      holders.map((each) => coordinator.acquire(request(each), ownIdle())),
    )
    expect(permits.filter((permit) => permit !== null)).toHaveLength(2)
    expect(await clients()).toBe((before ?? 0) + 1)
    await coordinator.stop?.(idle)
    await coordinator.stop?.(idle)
    await expect(coordinator.acquire(request('a'), idle)).rejects.toMatchObject({
      code: 'ILLEGAL_PHASE',
    })
  })

  it('rejects at the signal while the server is down, and works when it is back', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const coordinator = open({ url: redis.url })
    await coordinator.acquire(request('a'), idle)
    await redis.kill()
    const controller = new AbortController()
    const calls = [request('b'), request('c')].map((each) =>
      coordinator.acquire(each, { signal: controller.signal }),
    )
    const outcomes = Promise.allSettled(calls)
    controller.abort(new Error('over'))
    for (const { status } of await outcomes) expect(status).toBe('rejected')
    await redis.restart()
    expect(await coordinator.acquire(request('b'), idle)).not.toBeNull()
  })

  it('stop() ends what waits for a server that is down', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const coordinator = open({ url: redis.url })
    await coordinator.acquire(request('a'), idle)
    await redis.kill()
    const waiting = Promise.allSettled([
      coordinator.acquire(request('b'), ownIdle()),
      coordinator.acquire(request('c'), ownIdle()),
    ])
    await coordinator.stop?.(idle)
    for (const { status } of await waiting) expect(status).toBe('rejected')
  })

  it('keeps permits of all cohorts in a Cluster', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const nodes = cluster.nodes.map(({ host, port }) => ({ host, port }))
    for (const prefix of ['a', 'b', 'c', 'd']) {
      const [one, other] = [
        open({ cluster: { nodes }, prefix }),
        open({ cluster: { nodes }, prefix }),
      ]
      const permit = await one.acquire({ ...request('a'), max: 1 }, idle)
      expect(await other.acquire({ ...request('b'), max: 1 }, idle)).toBeNull()
      await permit?.release(idle)
      expect(await other.acquire({ ...request('b'), max: 1 }, idle)).not.toBeNull()
    }
  })
})

it('refuses options that are wrong by their names', () => {
  const wrong: [object, RegExp][] = [
    [{ spacingMs: -1 }, /`spacingMs` to be a finite number of at least 0, got -1/],
    [{ spacingMs: '1s' }, /`spacingMs`/],
    [{ prefix: '{a}' }, /`prefix`/],
    [{ layout: 'bull' }, /`layout`/],
    [{ url: 'http://localhost' }, /`url`/],
  ]
  for (const [options, message] of wrong) {
    expect(() => redisCoordinator(options as RedisCoordinatorOptions)).toThrow(message)
    expect(() => redisCoordinator(options as RedisCoordinatorOptions)).toThrow(TypeError)
  }
})
