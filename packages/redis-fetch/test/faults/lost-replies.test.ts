import { Redis as Redis6, type RedisOptions } from 'ioredis'
import { Redis as Redis5 } from 'ioredis-5'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import type { ConnectionOptions } from '../../src/driver/connection.ts'
import { CLAIM } from '../../src/scripts/claim.ts'
import { MOVE } from '../../src/scripts/move.ts'
import { REGISTER } from '../../src/scripts/registration.ts'
import {
  faultScene,
  LAYOUTS,
  type LayoutName,
  loadScripts,
  membersOf,
  ownProxy,
  sends,
  untilTrue,
} from './fault-scene.ts'
import { inProcessWorker, type InProcessOptions } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

type Connect = (port: number) => ConnectionOptions

const PREFERENCES: Readonly<Record<string, RedisOptions>> = {
  'default options': {},
  'autoResendUnfulfilledCommands: true': { autoResendUnfulfilledCommands: true },
  'autoResendUnfulfilledCommands: false': { autoResendUnfulfilledCommands: false },
  'a commandTimeout': { commandTimeout: 20 },
  'maxRetriesPerRequest: null': { maxRetriesPerRequest: null },
  'an offline queue and auto-pipelining': { enableOfflineQueue: true, enableAutoPipelining: true },
}

/** Every way to name a server; the version of ioredis by url and by options is the installed one. */
function ways(): [string, Connect][] {
  const all: [string, Connect][] = [
    ['by url', (port) => ({ url: `redis://127.0.0.1:${port}` })],
    ['by options', (port) => ({ redis: { host: '127.0.0.1', port } })],
  ]
  for (const [name, preference] of Object.entries(PREFERENCES)) {
    all.push([`by options, ${name}`, (port) => ({ redis: { port, ...preference } })])
    const versions: Record<string, (options: object) => Redis6> = {
      'ioredis 6': (options) => new Redis6(options),
      'ioredis 5': (options) => new Redis5(options) as unknown as Redis6,
    }
    for (const [version, create] of Object.entries(versions)) {
      all.push([
        `by a client of ${version}, ${name}`,
        (port) => {
          const client = create({ host: '127.0.0.1', port, lazyConnect: true, ...preference })
          onTestFinished(() => client.disconnect())
          return { client }
        },
      ])
    }
  }
  return all
}

describe.skipIf(reason)(`a reply that is lost${skipped}`, () => {
  const { raw, server } = sharedRedis()

  async function stage(layout: LayoutName, options: InProcessOptions = {}, connect?: Connect) {
    await loadScripts(raw())
    const scene = faultScene(raw, layout)
    const { proxy, url } = await ownProxy(server().port)
    const connection = connect?.(proxy.port) ?? { url }
    const worker = inProcessWorker({ ...scene.storage, ...connection, ...options })
    const listens = () => proxy.onRequest(sends('BZPOPMIN', scene.keys().bell))
    return { scene, proxy, url, worker, listens }
  }
  const claims = (layout: LayoutName) => sends(layout === 'native' ? 'LMOVE' : CLAIM.sha1)

  describe.each(LAYOUTS)('%s layout', (layout) => {
    it.each(ways())('of a claim: the job runs once (%s)', async (_, connect) => {
      const { scene, proxy, worker } = await stage(layout, { concurrency: 1 }, connect)
      await worker.start()
      const first = await worker.run(await scene.push())
      // There is no room for it, so that the next claim is the one that takes it.
      const id = await scene.push()
      proxy.holdRepliesWhen(claims(layout))
      first.finish()
      await proxy.onReplyLost()
      expect(await scene.oracle.held(worker.identity)).toEqual([id])
      expect(worker.runs).toHaveLength(1)
      proxy.cut()
      ;(await worker.run(id)).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(worker.said(/lost reply had hidden/)).toHaveLength(1)
      const later = await scene.push()
      ;(await worker.run(later)).finish()
      await worker.until(() => worker.settled.length === 3)
      expect(worker.runs.map(({ job }) => job.id)).toEqual([first.job.id, id, later])
      expect(await scene.everywhere(worker.identity)).toEqual([])
      expect(worker.failures).toEqual([])
    })

    it('of an acknowledgement: the job is settled once', async () => {
      const { scene, proxy, worker } = await stage(layout)
      await worker.start()
      const id = await scene.push()
      const run = await worker.run(id)
      proxy.holdRepliesWhen(sends('LREM'))
      run.finish()
      await proxy.onReplyLost()
      expect(await scene.everywhere(worker.identity)).toEqual([])
      proxy.cut()
      await worker.until(() => worker.settled.length > 0)
      ;(await worker.run(await scene.push())).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(worker.settled[0]).toEqual({ id, outcome: 'completed' })
      expect(worker.runs).toHaveLength(2)
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })

    it('of a move to the retries: the job is there once', async () => {
      const { scene, proxy, worker } = await stage(layout, { retries: { baseMs: 1e9, maxMs: 1e9 } })
      await worker.start()
      const id = await scene.push()
      const run = await worker.run(id)
      proxy.holdRepliesWhen(sends('EVALSHA', MOVE.sha1))
      run.fail(new Error('No paint'))
      await proxy.onReplyLost()
      proxy.cut()
      await worker.until(() => worker.settled.length > 0)
      expect(worker.settled).toEqual([{ id, outcome: 'failed' }])
      expect(await scene.everywhere(worker.identity)).toEqual([id])
      const [bytes] = await membersOf(raw(), scene.keys().retry)
      expect(bytes?.toString()).toMatch(layout === 'native' ? '"failures":1' : '"retry_count":0')
    })

    it('of a hand-back: the job is in its queue once', async () => {
      const { scene, proxy, worker } = await stage(layout)
      await worker.start()
      const id = await scene.push()
      await worker.run(id)
      const lease = worker.lease(id)
      await worker.quiesce()
      proxy.holdRepliesWhen(sends('EVALSHA', MOVE.sha1))
      const { signal } = new AbortController()
      const handingBack = worker.source.handBack(lease, { signal })
      await proxy.onReplyLost()
      proxy.cut()
      expect(await handingBack).toBe('handedBack')
      expect(await scene.everywhere(worker.identity)).toEqual([id])
      expect(await scene.oracle.available()).toEqual([id])
      expect(worker.settled).toEqual([{ id, outcome: 'handedBack' }])
    })

    it('of a registration: the worker starts', async () => {
      const { scene, proxy, worker } = await stage(layout, { auto: true })
      proxy.holdRepliesWhen(sends('EVALSHA', REGISTER.sha1))
      const starting = worker.start()
      await proxy.onReplyLost()
      expect(await scene.oracle.registered()).toEqual([worker.identity])
      proxy.cut()
      await starting
      const id = await scene.push()
      await worker.until(() => worker.settled.length === 1)
      expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
      expect(await scene.oracle.registered()).toEqual([worker.identity])
    })

    it('of the doorbell: what was pushed is run', async () => {
      const { scene, proxy, worker, listens } = await stage(layout, { auto: true })
      proxy.holdRepliesWhen(sends('BZPOPMIN', scene.keys().bell))
      const idle = listens()
      await worker.start()
      await idle
      // In Sidekiq's layout the worker hears of it in another way, too.
      const id = await scene.push()
      await proxy.onReplyLost()
      proxy.cut()
      await worker.until(() => worker.settled.length === 1)
      expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })

    it('of the last step of a start that was given up leaves nothing behind', async () => {
      const { scene, proxy, worker } = await stage(layout)
      proxy.holdRepliesWhen(sends('EVALSHA', REGISTER.sha1))
      const given = new AbortController()
      const starting = worker.start(given.signal)
      await proxy.onReplyLost()
      given.abort(new Error('No longer wanted'))
      proxy.refuse()
      proxy.cut()
      await expect(starting).rejects.toThrow('No longer wanted')
      await untilTrue(async () => proxy.connections === 0)
      expect(await scene.oracle.available()).toEqual([])
    })
  })
})
