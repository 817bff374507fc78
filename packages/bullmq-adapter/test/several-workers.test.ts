import { fileURLToPath } from 'node:url'
import { bullmqSource, recoverWorker } from '@worker-recycler/bullmq-adapter'
import { createIdentity } from '@worker-recycler/core'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { versions } from './bullmq-versions.ts'
import { calm, holding, queueScene, startSource } from './queue-scene.ts'

const reason = withoutRedis()
const sandboxed = fileURLToPath(new URL('fixtures/sandboxed.cjs', import.meta.url))

describe.skipIf(reason)(`workers${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const bullmq = versions['BullMQ 6']

  it('several workers of one process are one source, whose leases name the queue', async () => {
    const { prefix, connection } = queueScene(bullmq, redis)
    const held = holding()
    const names = ['paint', 'glaze']
    const queues = names.map((name) => new Queue(name, { prefix, connection }))
    onTestFinished(async () => void (await Promise.all(queues.map((queue) => queue.close()))))
    const workers = names.map((name) => new Worker(name, held.processor, { prefix, connection }))
    const source = bullmqSource(workers)
    const started = await startSource(source, workers[0] as Worker)
    for (const queue of queues) await queue.add('job', {}, { jobId: `in-${queue.name}` })
    for (const name of names) await held.entered(`in-${name}`)
    const ids = source.inFlight().map(({ id }) => id)
    expect(ids.toSorted()).toEqual(['glaze:in-glaze', 'paint:in-paint'])
    const { recovered } = await recoverWorker(queues, { identity: started.identity })
    expect(recovered.map(({ id }) => id).toSorted()).toEqual(['glaze:in-glaze', 'paint:in-paint'])
    for (const name of names) {
      const waiting = await redis.raw().text('LRANGE', `${prefix}:${name}:wait`, 0, -1)
      expect(waiting).toEqual([`in-${name}`])
    }
  })

  it('a sandboxed processor runs as a lease, and its process ends once its job was handed back', async () => {
    const scene = queueScene(bullmq, redis)
    const worker = await scene.start(sandboxed)
    const done = (await scene.queue.add('paint', { end: true })).id ?? ''
    expect(await worker.outcome(done)).toBe('completed')
    const job = await scene.queue.add('paint', {})
    const id = job.id ?? ''
    const running = new Promise((resolve) => worker.worker.on('progress', resolve))
    await running
    const [lease] = worker.source.inFlight()
    expect(lease?.id).toBe(id)
    await worker.quiesce()
    const outcome = lease && (await worker.source.handBack(lease, calm()))
    expect(outcome).toBe('handedBack')
    expect(await scene.list('wait')).toEqual([id])
    await worker.source.stop(calm())
    const pool: unknown = Reflect.get(worker.worker, 'childPool')
    expect(Reflect.get(Object(pool), 'retained')).toEqual({})
  })

  it('a worker over a connection of the application leaves it open', async () => {
    const scene = queueScene(bullmq, redis)
    const connection = new Redis({ ...scene.connection, maxRetriesPerRequest: null })
    onTestFinished(() => connection.disconnect())
    const worker = await scene.start(async () => {}, { connection })
    const id = (await scene.queue.add('paint', {})).id ?? ''
    expect(await worker.outcome(id)).toBe('completed')
    await worker.source.stop(calm())
    expect(await connection.ping()).toBe('PONG')
  })

  it('refuses a worker that fetches already, and what is no worker', async () => {
    const { prefix, connection } = queueScene(bullmq, redis)
    const running = new Worker('paint', async () => {}, { prefix, connection })
    onTestFinished(() => running.close())
    await running.waitUntilReady()
    const blocked = new Promise((resolve) => running.once('drained', () => resolve(undefined)))
    await blocked
    expect(() => bullmqSource(running)).toThrow('has not begun to fetch')
    expect(() => bullmqSource([])).toThrow('Expected `worker`')
    expect(() => bullmqSource({} as never)).toThrow('Expected `worker`')
    const idle = new Worker('paint', async () => {}, { prefix, connection, autorun: false })
    onTestFinished(() => idle.close())
    expect(() => bullmqSource(idle, { maxInterruptions: 0 })).toThrow('maxInterruptions')
  })

  it('an identity that was declared dead is refused at the start', async () => {
    const scene = queueScene(bullmq, redis)
    const identity = createIdentity()
    await recoverWorker(scene.queue, { identity })
    const { prefix, connection } = scene
    const worker = new Worker('paint', async () => {}, { prefix, connection })
    const source = bullmqSource(worker)
    onTestFinished(() => source.stop(calm()))
    await expect(source.start({ ...unusedContext, identity }, calm())).rejects.toMatchObject({
      code: 'FENCED',
    })
  })
})

const unusedContext = {
  clock: { nowMs: () => 0, epochMs: () => 0, setTimer: () => () => {} },
  logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  deadline: { remainingMs: () => Infinity },
  jobStarted: () => {},
  jobSettled: () => {},
  failed: () => {},
}
