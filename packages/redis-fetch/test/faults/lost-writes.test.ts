import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import type { TcpProxy } from '../../../../test/redis/tcp-proxy.ts'
import { CLAIM } from '../../src/scripts/claim.ts'
import { CONDEMN } from '../../src/scripts/death.ts'
import { MOVE } from '../../src/scripts/move.ts'
import {
  faultScene,
  LAYOUTS,
  type LayoutName,
  loadScripts,
  membersOf,
  ownProxy,
  ownQueue,
  rejection,
  sends,
  untilTrue,
} from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const UNREACHABLE = { code: 'STORAGE_UNREACHABLE' }

/** Resolves when a reply is lost; its connection stays, and gives none any more. */
async function swallowedOne(proxy: TcpProxy): Promise<void> {
  await proxy.onReplyLost()
  proxy.holdRepliesWhen(() => false)
}

describe.skipIf(reason)(`on a server behind a network${skipped}`, () => {
  const { raw, server } = sharedRedis()

  async function stage(layout: LayoutName) {
    await loadScripts(raw())
    const scene = faultScene(raw, layout)
    const { proxy, url } = await ownProxy(server().port)
    return {
      scene,
      proxy,
      far: { ...scene.storage, url },
      near: { ...scene.storage, url: server().url },
    }
  }

  describe.each(LAYOUTS)('%s layout', (layout) => {
    describe('a producer whose reply is lost', () => {
      it('hears so, and one job is there', async () => {
        const { scene, proxy, far } = await stage(layout)
        const queue = ownQueue(far)
        await queue.status()
        proxy.holdRepliesWhen(sends('LPUSH'))
        const adding = queue.enqueue('paint', [])
        const refused = rejection(adding)
        await proxy.onReplyLost()
        proxy.cut()
        expect(await refused).toMatchObject(UNREACHABLE)
        expect(await scene.oracle.available()).toHaveLength(1)
      })

      it('may repeat a job with an id', async () => {
        const { scene, proxy, far } = await stage(layout)
        const queue = ownQueue(far)
        await queue.status()
        for (const repeat of [1, 2]) {
          proxy.holdRepliesWhen(sends('EVAL', ':id:mona-lisa'))
          const adding = queue.enqueue('paint', [], { id: 'mona-lisa' })
          const refused = rejection(adding)
          await proxy.onReplyLost()
          proxy.cut()
          expect(await refused, `try ${repeat}`).toMatchObject(UNREACHABLE)
        }
        const again = await queue.enqueue('paint', [], { id: 'mona-lisa' })
        expect(again).toEqual({ id: 'mona-lisa', outcome: 'duplicate' })
        expect(await scene.oracle.available()).toEqual(['mona-lisa'])
      })

      it('adds a delayed job once, and it runs', async () => {
        const { scene, proxy, far, near } = await stage(layout)
        const queue = ownQueue(far)
        await queue.status()
        proxy.holdRepliesWhen(sends('ZADD', scene.keys().scheduled))
        const adding = queue.enqueue('paint', [], { delayMs: 1 })
        const refused = rejection(adding)
        await proxy.onReplyLost()
        proxy.cut()
        expect(await refused).toMatchObject(UNREACHABLE)
        const worker = inProcessWorker({ ...near, auto: true, leaseMs: 1000 })
        await worker.start()
        // Nobody was told when it is due: the keeper finds it on its rounds.
        await worker.until(() => worker.settled.length === 1)
        expect(await scene.everywhere(worker.identity)).toEqual([])
      })
    })

    describe('a recovery whose reply is lost', () => {
      const steps = { 'the sentence': CONDEMN.sha1, 'the moves': MOVE.sha1 }
      it.each(Object.entries(steps))('of %s: is repeated, and counts once', async (_, sha1) => {
        const { scene, proxy, far, near } = await stage(layout)
        const dead = inProcessWorker({ ...near })
        await dead.start()
        const ids = [await scene.push(), await scene.push(), await scene.push()]
        await dead.until(() => dead.runs.length === 3)
        await dead.quiesce()
        const queue = ownQueue(far)
        await queue.status()
        proxy.holdRepliesWhen(sends('EVALSHA', sha1))
        const request = { identity: dead.identity, cause: 'crash' } as const
        const refused = rejection(queue.recover(request))
        await proxy.onReplyLost()
        proxy.cut()
        expect(await refused).toMatchObject(UNREACHABLE)
        await queue.recover(request)
        expect(await queue.recover(request)).toEqual({ recovered: [] })
        expect(await scene.everywhere(dead.identity)).toEqual(ids.toSorted())
        expect((await scene.oracle.available()).toSorted()).toEqual(ids.toSorted())
        for (const bytes of await membersOf(raw(), scene.keys().wait)) {
          expect(bytes.toString()).toMatch(
            layout === 'native' ? '"blamed":1' : '"interrupted_count":1',
          )
        }
        expect(await scene.oracle.registered()).toEqual([])
      })
    })

    describe('a network that swallows replies and closes nothing', () => {
      const REPLY_MS = 5000
      async function swallowed() {
        const { scene, proxy, far } = await stage(layout)
        const clock = fakeClock({ epochMs: Date.now() })
        const worker = inProcessWorker({ ...far, clock, leaseMs: 60_000 })
        return { scene, proxy, clock, worker, far }
      }

      it('of a claim: the connection is made anew, and the job runs', async () => {
        const { scene, proxy, clock, worker } = await swallowed()
        const idle = proxy.onRequest(sends('BZPOPMIN', scene.keys().bell))
        await worker.start()
        await idle
        proxy.holdRepliesWhen(sends(layout === 'native' ? 'LMOVE' : CLAIM.sha1))
        const id = await scene.push()
        await swallowedOne(proxy)
        await clock.advance(REPLY_MS)
        ;(await worker.run(id)).finish()
        await worker.until(() => worker.settled.length === 1)
        expect(worker.runs).toHaveLength(1)
        expect(await scene.everywhere(worker.identity)).toEqual([])
      })

      it('of a failure: the job is among the retries, once', async () => {
        const { scene, proxy, clock, worker } = await swallowed()
        await worker.start()
        const id = await scene.push()
        const run = await worker.run(id)
        proxy.holdRepliesWhen(sends('EVALSHA', MOVE.sha1))
        run.fail(new Error('No paint'))
        await swallowedOne(proxy)
        await clock.advance(REPLY_MS)
        await untilTrue(async () => {
          await clock.advance(100)
          return worker.settled.length > 0
        })
        expect(worker.settled).toEqual([{ id, outcome: 'failed' }])
        expect(await membersOf(raw(), scene.keys().retry)).toHaveLength(1)
      })

      it('of the doorbell: what is pushed is run', async () => {
        const { scene, proxy, clock, worker } = await swallowed()
        proxy.holdRepliesWhen(sends('BZPOPMIN', scene.keys().bell))
        const idle = proxy.onRequest(sends('BZPOPMIN', scene.keys().bell))
        await worker.start()
        await idle
        const id = await scene.push()
        await swallowedOne(proxy)
        await clock.advance(15_000)
        await untilTrue(async () => {
          await clock.advance(100)
          return worker.runs.length > 0
        })
        ;(await worker.run(id)).finish()
        await worker.until(() => worker.settled.length === 1)
        expect(await scene.everywhere(worker.identity)).toEqual([])
      })

      it('of everything, at the start: the start goes on, or ends at its signal', async () => {
        const { proxy, clock, worker, far, scene } = await swallowed()
        proxy.holdRepliesWhen(sends('COMMAND', 'LMOVEM'))
        const starting = worker.start()
        await swallowedOne(proxy)
        await clock.advance(REPLY_MS)
        await starting
        proxy.holdRepliesWhen(sends('COMMAND', 'LMOVEM'))
        const given = new AbortController()
        const second = inProcessWorker({ ...far, clock })
        const refused = rejection(second.start(given.signal))
        await swallowedOne(proxy)
        given.abort(new Error('No longer wanted'))
        expect(await refused).toMatchObject({ message: 'No longer wanted' })
        expect(await scene.oracle.registered()).toEqual([worker.identity])
      })

      it('of a producer: the call rejects', async () => {
        const { scene, proxy, clock, far } = await swallowed()
        const queue = ownQueue({ ...far, clock })
        await queue.status()
        proxy.holdRepliesWhen(sends('LPUSH'))
        const refused = rejection(queue.enqueue('paint', []))
        await swallowedOne(proxy)
        await clock.advance(REPLY_MS)
        expect(await refused).toMatchObject(UNREACHABLE)
        expect(await scene.oracle.available()).toHaveLength(1)
      })
    })
  })
})
