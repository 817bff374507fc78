import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import {
  faultScene,
  LAYOUTS,
  ownProxy,
  ownQueue,
  ownServer,
  sends,
  untilTrue,
} from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

describe.skipIf(reason).each(LAYOUTS)(
  `a server that forgets its clients${skipped}: %s layout`,
  (layout) => {
    async function stage() {
      const { server, raw } = await ownServer()
      const scene = faultScene(() => raw, layout)
      return { server, raw, scene, connection: { ...scene.storage, url: server.url } }
    }

    it('kills all connections, again and again', async () => {
      const { raw, scene, connection } = await stage()
      const worker = inProcessWorker({ ...connection, auto: true })
      const queue = ownQueue(connection)
      await worker.start()
      const ids: string[] = []
      for (let round = 0; round < 8; round += 1) {
        ids.push(await scene.push(), await scene.push())
        await raw.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        // Before anybody could know, and while all connect again.
        ids.push(await scene.push())
        await worker.until(() => worker.settled.length === ids.length)
      }
      await untilTrue(async () => {
        const added = await queue.enqueue('paint', []).catch(() => undefined)
        if (added) ids.push(added.id)
        return added !== undefined
      })
      await worker.until(() => worker.settled.length === ids.length)
      expect(worker.runs.map(({ job }) => job.id).toSorted()).toEqual(ids.toSorted())
      expect(await scene.everywhere(worker.identity)).toEqual([])
      expect(worker.failures).toEqual([])
    })

    it('forgets all scripts between any two steps', async () => {
      const { server, raw, scene } = await stage()
      const { proxy, url } = await ownProxy(server.port)
      const flush = () => raw.command('SCRIPT', 'FLUSH')
      const connection = { ...scene.storage, url, queues: ['default', 'other'] }
      const options = { ...connection, retries: { baseMs: 1, maxMs: 1 }, leaseMs: 1000 }
      const worker = inProcessWorker(options)
      const queue = ownQueue({ ...scene.storage, url })
      await flush()
      await worker.start()
      await flush()
      const { id } = await queue.enqueue('paint', [], { id: 'mona-lisa' })
      const first = await worker.run(id)
      await flush()
      first.fail(new Error('No paint'))
      await worker.until(() => worker.settled.length === 1)
      await flush()
      await worker.until(() => worker.runs.length === 2)
      await flush()
      // Whoever renews, tends and claims from here on is answered NOSCRIPT first.
      const renewed = proxy.onRequest(sends('EVAL', 'XX', 'CH'))
      await renewed
      await worker.quiesce()
      await flush()
      const { recovered } = await queue.recover({ identity: worker.identity, cause: 'memory' })
      expect(recovered).toHaveLength(1)
      await flush()
      const heir = inProcessWorker({ ...options, auto: true })
      await heir.start()
      await heir.until(() => heir.settled.length === 1)
      expect(heir.settled).toEqual([{ id, outcome: 'completed' }])
      await flush()
      expect(await queue.enqueue('paint', [], { id: 'mona-lisa' })).toMatchObject({
        outcome: 'enqueued',
      })
      await heir.until(() => heir.settled.length === 2)
      await heir.stop()
      expect(await scene.everywhere(heir.identity)).toEqual([])
      expect(await scene.oracle.registered()).toEqual([])
    })

    it('forgets everything: an idle worker registers again', async () => {
      const { raw, scene, connection } = await stage()
      const worker = inProcessWorker({ ...connection, auto: true, leaseMs: 1000 })
      await worker.start()
      const queue = ownQueue(connection)
      await queue.enqueue('paint', [])
      await worker.until(() => worker.settled.length === 1)
      await raw.command('FLUSHALL')
      const registered = async () => (await scene.oracle.registered()).includes(worker.identity)
      await untilTrue(registered)
      await queue.enqueue('paint', [])
      await worker.until(() => worker.settled.length === 2)
      const { workers, queues } = await queue.status()
      expect(workers).toMatchObject([{ identity: worker.identity, state: 'working' }])
      expect(queues).toMatchObject([{ name: 'default', waiting: 0 }])
      expect(worker.failures).toEqual([])
    })

    it('stands still, and goes on', async () => {
      const { server, raw, scene, connection } = await stage()
      const clock = fakeClock({ epochMs: Date.now() })
      const worker = inProcessWorker({ ...connection, clock, concurrency: 2, leaseMs: 60_000 })
      await worker.start()
      const id = await scene.push()
      const run = await worker.run(id)
      server.pause()
      run.finish()
      await clock.advance(5000)
      // It was asked for its reply, and is asked for a new connection, in vain.
      await worker.until(() => worker.said(/did not take or give jobs/).length > 0)
      server.resume()
      await worker.until(() => worker.settled.length === 1)
      const later = await scene.push()
      ;(await worker.run(later)).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(worker.settled.map(({ outcome }) => outcome)).toEqual(['completed', 'completed'])
      expect(worker.runs.map(({ job }) => job.id)).toEqual([id, later])
      expect(await scene.everywhere(worker.identity)).toEqual([])
      expect(await raw.text('PING')).toBe('PONG')
    })
  },
)
