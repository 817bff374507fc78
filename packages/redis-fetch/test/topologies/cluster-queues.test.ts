import { createIdentity, silentLogger } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { createExchange } from '../../src/claim/exchange.ts'
import { createOrder } from '../../src/claim/order.ts'
import { openDriver } from '../../src/driver/ioredis-driver.ts'
import { layoutOf } from '../../src/layout/layouts.ts'
import { membersOf } from '../faults/fault-scene.ts'
import { inProcessWorker } from '../faults/in-process-worker.ts'
import { idOf } from '../redis-oracle.ts'
import { clusterScene } from './cluster-scene.ts'
import { sharedCluster } from './shared-cluster.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`queues of a cluster${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const shared = sharedCluster()
  const { cluster, raw, server } = shared

  it('on different nodes are served in strict order', async () => {
    const { queues, fill, worker: start } = await clusterScene(shared)
    const [first = '', second = '', third = ''] = queues
    await fill(third, 'c1', 'c2')
    await fill(second, 'b1', 'b2')
    await fill(first, 'a1', 'a2')
    const worker = start({ queues, concurrency: 1, auto: true })
    await worker.start()
    await worker.until(() => worker.settled.length === 6)
    expect(worker.settled.map(({ id }) => id)).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
  })

  it('on different nodes get their shares of one claim, and what others leave', async () => {
    const { queues, prefix, fill } = await clusterScene(shared)
    const [first = '', second = ''] = queues
    const names = (queue: string) => Array.from({ length: 9 }, (_, index) => `${queue}${index}`)
    await fill(first, ...names('a'))
    await fill(second, ...names('b'))
    const driver = openDriver(server(), 'test', silentLogger)
    onTestFinished(() => driver.close())
    await driver.ready(new AbortController().signal)
    const claim = createExchange({
      driver,
      layout: layoutOf('native', prefix),
      identity: createIdentity(),
      turns: createOrder(queues, 'round-robin'),
      queues,
      lmovem: false,
    })
    const claimed = async () => (await claim([], 6)).jobs.map(({ bytes }) => idOf(String(bytes)))
    // Two of each; the third queue is empty, and who comes first gets what it leaves.
    expect(await claimed()).toEqual(['a0', 'a1', 'b0', 'b1', 'a2', 'a3'])
    expect(await claimed()).toEqual(['b2', 'b3', 'a4', 'a5', 'b4', 'b5'])
  })

  it('all end, whatever their weights', async () => {
    const scene = await clusterScene(shared)
    const { queues, fill } = scene
    const ids = queues.flatMap((queue) => Array.from({ length: 20 }, (_, n) => `${queue}/${n}`))
    for (const id of ids) await fill(id.split('/')[0] ?? '', id)
    const order = Object.fromEntries(queues.map((queue, index) => [queue, index + 1]))
    const worker = scene.worker({ queues, order, concurrency: 5, auto: true })
    await worker.start()
    await worker.until(() => worker.settled.length === ids.length)
    expect(worker.settled.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    expect(worker.most).toBeLessThanOrEqual(5)
    for (const queue of queues) expect(await scene.everywhere(worker.identity, queue)).toEqual([])
  })

  it('are shown whole, with who holds what, and with what was put aside', async () => {
    const scene = await clusterScene(shared)
    const { queues, fill } = scene
    const [first = '', second = '', third = ''] = queues
    const retries = { maxAttempts: 1 }
    const worker = scene.worker({ queues, concurrency: 2, retries })
    await worker.start()
    await fill(first, 'fails')
    ;(await worker.run('fails')).fail(new Error('No paint'))
    await worker.until(() => worker.settled.length === 1)
    await fill(second, 'held-1', 'held-2', 'waits')
    await worker.until(() => worker.runs.length === 3)
    await raw().command('ZADD', scene.keys(third).quarantine, 1, scene.write({ id: 'bad' }).bytes)

    const queue = scene.queue()
    const status = await queue.status()
    const none = {
      waiting: 0,
      suspects: 0,
      scheduled: 0,
      retry: 0,
      held: 0,
      dead: 0,
      quarantine: 0,
    }
    expect(status.queues).toEqual(
      [
        { name: first, ...none, dead: 1 },
        { name: second, ...none, waiting: 1, held: 2 },
        { name: third, ...none, quarantine: 1 },
      ].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    )
    expect(status.workers).toMatchObject([{ identity: worker.identity, state: 'working', queues }])
    expect(status.workers[0]?.jobs.map(({ id }) => id).toSorted()).toEqual(['held-1', 'held-2'])

    expect((await queue.quarantine.list()).map(({ id }) => id)).toEqual(['bad'])
    expect((await queue.dead.list()).map(({ id }) => id)).toEqual(['fails'])
    expect(await queue.dead.release('fails')).toBe(true)
    expect(await queue.quarantine.discard('bad')).toBe(true)
    expect(await queue.quarantine.list()).toEqual([])
    worker.runs.find(({ job }) => job.id === 'held-1')?.finish()
    await worker.until(() => worker.runs.length === 4)
    expect(worker.runs.at(-1)?.job.id).toBe('fails')
  })

  it('take jobs in bulk, once each by id, and delayed ones', async () => {
    const scene = await clusterScene(shared)
    const { queues } = scene
    const queue = scene.queue()
    const jobs = queues.flatMap((name) => [
      { name: 'paint', payload: 1, queue: name, id: `${name}-now` },
      { name: 'paint', payload: 2, queue: name, id: `${name}-later`, delayMs: 1 },
    ])
    const outcomes = async () => (await queue.enqueueMany(jobs)).map(({ outcome }) => outcome)
    expect(new Set(await outcomes())).toEqual(new Set(['enqueued']))
    expect(new Set(await outcomes())).toEqual(new Set(['duplicate']))
    const worker = scene.worker({ queues, auto: true, leaseMs: 1000 })
    await worker.start()
    await worker.until(() => worker.settled.length === jobs.length)
    expect(worker.settled.map(({ id }) => id).toSorted()).toEqual(
      jobs.map(({ id }) => id).toSorted(),
    )
    // Their ids are free again.
    expect(new Set(await outcomes())).toEqual(new Set(['enqueued']))
  })

  it('are searched on every node for lists of workers that nobody knows', async () => {
    const scene = await clusterScene(shared)
    const { queues } = scene
    const ids = queues.map((queue) => `${queue}-stray`)
    for (const queue of queues) {
      const [work = ''] = scene.keys(queue).held(createIdentity({ host: 'stranger' }))
      await raw().command('LPUSH', work, scene.write({ id: `${queue}-stray`, queue }).bytes)
      const dump = (await raw().command('DUMP', work)) as Buffer
      // Untouched for a minute, as the server sees it.
      await raw().command('RESTORE', work, 0, dump, 'REPLACE', 'IDLETIME', 60)
    }
    const young = createIdentity({ host: 'young' })
    const [touched = ''] = scene.keys(queues[0]).held(young)
    await raw().command('LPUSH', touched, scene.write({ queue: queues[0] ?? '' }).bytes)

    await raw().command('SADD', `{${scene.prefix}}:queues`, ...queues)
    const adopted = await scene.queue().adopt()
    expect(adopted.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
    for (const queue of queues)
      expect(await membersOf(raw(), scene.keys(queue).wait)).toHaveLength(1)
    expect(await membersOf(raw(), touched)).toHaveLength(1)
  })

  it('have no place for the layout of Sidekiq', async () => {
    const { ports } = cluster()
    const nodes = ports.map((port) => ({ host: '127.0.0.1', port }))
    const worker = inProcessWorker({ cluster: { nodes }, layout: 'sidekiq', prefix: 'none:' })
    await expect(worker.start()).rejects.toMatchObject({
      code: 'STORAGE_UNFIT',
      message: expect.stringMatching(
        /^\[redis-fetch\] .*Cluster.*`sidekiq`.*use the `native` layout/,
      ),
    })
    const single = inProcessWorker({
      url: `redis://127.0.0.1:${ports[0]}`,
      layout: 'sidekiq',
      prefix: 'none:',
    })
    await expect(single.start()).rejects.toMatchObject({ code: 'STORAGE_UNFIT' })
  })
})
