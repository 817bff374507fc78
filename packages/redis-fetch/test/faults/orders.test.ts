import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { createOrder } from '../../src/claim/order.ts'
import { faultScene, LAYOUTS } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('the order of queues', () => {
  const queues = ['a', 'b', 'c']

  it('strict: always the same, each for all places', () => {
    const turns = createOrder(queues, 'strict')
    for (let claim = 0; claim < 3; claim += 1) {
      expect(turns(7)).toEqual(queues.map((queue) => ({ queue, limit: 7 })))
    }
  })

  it('round-robin: each is first in its turn, and none gets more than its share at first', () => {
    const turns = createOrder(queues, 'round-robin')
    const firsts = Array.from({ length: 6 }, () => turns(6)[0]?.queue)
    expect(firsts).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
    expect(turns(6).map(({ limit }) => limit)).toEqual([2, 2, 2])
    expect(turns(1).map(({ limit }) => limit)).toEqual([1, 1, 1])
  })

  it('by weight: first as often as the weight says', () => {
    const turns = createOrder(queues, { a: 5, b: 3, c: 2 }, seeded(7))
    const firsts = { a: 0, b: 0, c: 0 }
    for (let claim = 0; claim < 10_000; claim += 1) {
      const [first, ...rest] = turns(1)
      firsts[first?.queue as 'a' | 'b' | 'c'] += 1
      expect(rest).toHaveLength(2)
    }
    // Three standard deviations of 10,000 draws are at most 150.
    expect(Math.abs(firsts.a - 5000)).toBeLessThan(150)
    expect(Math.abs(firsts.b - 3000)).toBeLessThan(150)
    expect(Math.abs(firsts.c - 2000)).toBeLessThan(150)
  })

  it('by weight: a queue without one weighs 1, and shares go by weight', () => {
    const turns = createOrder(queues, { a: 8 }, seeded(7))
    const limits = new Map(turns(10).map(({ queue, limit }) => [queue, limit]))
    expect(limits).toEqual(
      new Map([
        ['a', 8],
        ['b', 1],
        ['c', 1],
      ]),
    )
  })
})

describe.skipIf(reason)(`workers of several queues${skipped}`, () => {
  const { raw, server } = sharedRedis()
  const JOBS = 20

  describe.each(LAYOUTS)('%s layout', (layout) => {
    async function filled(options: object, concurrency = 1) {
      const scene = faultScene(raw, layout)
      const queues = ['a', 'b', 'c']
      for (const queue of queues) {
        for (let job = 0; job < JOBS; job += 1) await scene.push({ queue })
      }
      const connection = { ...scene.storage, url: server().url }
      const worker = inProcessWorker({ ...connection, queues, concurrency, auto: true, ...options })
      await worker.start()
      await worker.until(() => worker.settled.length === 3 * JOBS)
      expect(worker.most).toBeLessThanOrEqual(concurrency)
      return worker.runs.map(({ job }) => job.queue).join('')
    }

    it('strict: one queue after the other, the oldest jobs first', async () => {
      expect(await filled({ order: 'strict' })).toBe(
        'a'.repeat(JOBS) + 'b'.repeat(JOBS) + 'c'.repeat(JOBS),
      )
    })

    it('round-robin: by turns', async () => {
      expect(await filled({ order: 'round-robin' })).toBe('abc'.repeat(JOBS))
    })

    it.each([1, 3, 10])('by weight: no queue starves (concurrency %s)', async (concurrency) => {
      const order = await filled({ order: { a: 100, b: 1, c: 1 } }, concurrency)
      for (const queue of 'abc') expect(order.split(queue)).toHaveLength(JOBS + 1)
    })

    it('runs as many at once as it may, and not one more', async () => {
      const scene = faultScene(raw, layout)
      const connection = { ...scene.storage, url: server().url }
      const worker = inProcessWorker({ ...connection, concurrency: 4, auto: true })
      for (let job = 0; job < 100; job += 1) await scene.push()
      await worker.start()
      await worker.until(() => worker.settled.length === 100)
      expect(worker.most).toBe(4)
    })

    it('takes the oldest job first', async () => {
      const scene = faultScene(raw, layout)
      const ids: string[] = []
      for (let job = 0; job < 30; job += 1) ids.push(await scene.push())
      const connection = { ...scene.storage, url: server().url }
      const worker = inProcessWorker({ ...connection, concurrency: 3, auto: true })
      await worker.start()
      await worker.until(() => worker.settled.length === 30)
      expect(worker.runs.map(({ job }) => job.id)).toEqual(ids)
    })
  })
})
