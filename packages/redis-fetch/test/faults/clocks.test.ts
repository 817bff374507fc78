import { type FakeClock, fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { faultScene, LAYOUTS, ownQueue, untilTrue } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const HOUR_MS = 3_600_000
const LEASE_MS = 12_000

describe.skipIf(reason)(`clocks${skipped}`, () => {
  const { raw, server } = sharedRedis()

  /** Lets time pass, and what it sets off reach the server and come back. */
  const pass = async (clock: FakeClock, ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 1000) {
      await clock.advance(1000)
      for (let trips = 0; trips < 10; trips += 1) await raw().command('PING')
    }
  }

  describe.each(LAYOUTS)('%s layout', (layout) => {
    it.each([HOUR_MS, -HOUR_MS])(
      'a host clock that jumps by %s ms declares nobody dead',
      async (ms) => {
        const scene = faultScene(raw, layout)
        const connection = { ...scene.storage, url: server().url, leaseMs: LEASE_MS }
        const clock = fakeClock({ epochMs: Date.now() })
        const jumpy = inProcessWorker({ ...connection, clock })
        const other = inProcessWorker({
          ...connection,
          clock: fakeClock({ epochMs: Date.now() }),
          concurrency: 1,
        })
        await other.start()
        const id = await scene.push()
        await other.run(id)
        await jumpy.start()
        await pass(clock, 2 * LEASE_MS)
        await scene.oracle.registered()
        clock.jumpEpoch(ms)
        await pass(clock, 2 * LEASE_MS)
        const { signal } = new AbortController()
        expect(await jumpy.source.recover?.({}, { signal })).toEqual({ recovered: [] })
        expect((await scene.oracle.registered()).toSorted()).toEqual(
          [jumpy.identity, other.identity].toSorted(),
        )
        expect(await scene.oracle.held(other.identity)).toEqual([id])
        other.runs[0]?.finish()
        await other.until(() => other.settled.length === 1)
        expect(other.settled).toEqual([{ id, outcome: 'completed' }])
        expect([...jumpy.failures, ...other.failures]).toEqual([])
      },
    )

    it('the server’s time is what counts: a lease that has run out there has run out', async () => {
      const scene = faultScene(raw, layout)
      const connection = { ...scene.storage, url: server().url, leaseMs: LEASE_MS }
      const silent = inProcessWorker({ ...connection, clock: fakeClock({ epochMs: Date.now() }) })
      await silent.start()
      const id = await scene.push()
      await silent.run(id)
      await silent.quiesce()
      const clock = fakeClock({ epochMs: Date.now() - HOUR_MS })
      const keeper = inProcessWorker({ ...connection, clock, auto: true })
      // The one before it keeps nothing any more.
      await raw().command(
        'DEL',
        `${layout === 'native' ? `{${scene.prefix}}` : `${scene.prefix}wr`}:keeper`,
      )
      await keeper.start()
      await pass(clock, 2 * LEASE_MS)
      expect(keeper.runs).toEqual([])
      await raw().command('ZADD', scene.keys().workers, 'XX', Date.now() - 1, silent.identity)
      await untilTrue(async () => {
        await pass(clock, 1000)
        return keeper.settled.length === 1
      })
      expect(keeper.settled).toEqual([{ id, outcome: 'completed' }])
      expect(keeper.runs[0]?.context.delivery.interruptions).toBe(1)
    })

    it('delayed jobs and retries run when they are due, not before', async () => {
      const scene = faultScene(raw, layout)
      const clock = fakeClock({ epochMs: Date.now() })
      const connection = { ...scene.storage, url: server().url, clock }
      const worker = inProcessWorker({ ...connection, leaseMs: 600_000, retries: { baseMs: 1000 } })
      await worker.start()
      const queue = ownQueue(connection)
      const { id } = await queue.enqueue('paint', [], { delayMs: 5000 })
      const at = await queue.enqueue('glaze', [], { runAt: new Date(clock.epochMs() + 10_000) })
      await pass(clock, 4000)
      expect(worker.runs).toEqual([])
      await untilTrue(async () => {
        await pass(clock, 1000)
        return worker.runs.length === 1
      })
      expect(clock.nowMs()).toBeLessThan(10_000)
      const [run] = worker.runs
      expect(run?.job.id).toBe(id)
      run?.finish()
      await untilTrue(async () => {
        await pass(clock, 1000)
        return worker.runs.length === 2
      })
      expect(worker.runs[1]?.job).toMatchObject({ id: at.id, name: 'glaze' })
      worker.runs[1]?.fail(new Error('No glaze'))
      await worker.until(() => worker.settled.length === 2)
      expect(await scene.everywhere(worker.identity)).toEqual([at.id])
      expect(worker.runs).toHaveLength(2)
      await untilTrue(async () => {
        await pass(clock, 1000)
        return worker.runs.length === 3
      })
      worker.runs[2]?.finish()
      await worker.until(() => worker.settled.length === 3)
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })
  })
})
