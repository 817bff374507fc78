import { contextOf } from '@worker-recycler/bullmq-adapter'
import { RecycleAbort } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { versions } from './bullmq-versions.ts'
import { calm, holding, queueScene, type SceneWorker } from './queue-scene.ts'

const reason = withoutRedis()
const abort = () => new RecycleAbort('recycle', [{ code: 'test', message: 'A test.' }], 1000)

/** Hands back all that is in flight, as core does at the end of a drain. */
async function handBackAll({ source }: SceneWorker): Promise<readonly string[]> {
  const outcomes: string[] = []
  for (const lease of source.inFlight()) outcomes.push(await source.handBack(lease, calm()))
  return outcomes
}

for (const [version, bullmq] of Object.entries(versions)) {
  describe.skipIf(reason)(`drain, ${version}${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const redis = sharedRedis()

    it('a hand-back costs neither an attempt, a started attempt nor a stall', async () => {
      const scene = queueScene(bullmq, redis)
      const held = holding()
      const id = (await scene.queue.add('paint', {}, { attempts: 1 })).id ?? ''
      const worker = await scene.start(held.processor)
      await held.entered(id)
      expect(await scene.field(id, 'ats')).toBe('1')
      await worker.quiesce()
      expect(await handBackAll(worker)).toEqual(['handedBack'])
      expect(await scene.list('wait')).toEqual([id])
      expect(await scene.field(id, 'ats')).toBe('0')
      expect(await scene.field(id, 'atm')).toBeOneOf([null, '0'])
      expect(await scene.field(id, 'stc')).toBeNull()
      expect(await scene.field(id, 'failedReason')).toBeNull()
      expect(await redis.raw().text('EXISTS', `${scene.prefix}:paint:${id}:lock`)).toBe(0)
    })

    it('jobs handed back are taken next, in their order', async () => {
      const scene = queueScene(bullmq, redis)
      const held = holding()
      const jobs = await scene.queue.addBulk(
        ['a', 'b', 'c', 'd'].map((name) => ({ name, data: {} })),
      )
      const ids = jobs.map(({ id }) => id ?? '')
      const worker = await scene.start(held.processor, { concurrency: 2 })
      await Promise.all(ids.slice(0, 2).map((id) => held.entered(id)))
      await worker.quiesce()
      await handBackAll(worker)
      expect(await scene.list('wait')).toEqual(ids.toReversed())
    })

    it('a job with a priority goes back in front of its equals', async () => {
      const scene = queueScene(bullmq, redis)
      const held = holding()
      const first = await scene.queue.add('paint', {}, { priority: 5 })
      const second = await scene.queue.add('paint', {}, { priority: 5 })
      const worker = await scene.start(held.processor)
      await held.entered(first.id ?? '')
      await worker.quiesce()
      await handBackAll(worker)
      const key = `${scene.prefix}:paint:prioritized`
      expect(await redis.raw().text('ZRANGE', key, 0, -1)).toEqual([first.id, second.id])
    })

    it('a job of a queue that was paused meanwhile runs when it is resumed', async () => {
      const scene = queueScene(bullmq, redis)
      const held = holding()
      const id = (await scene.queue.add('paint', {})).id ?? ''
      const worker = await scene.start(held.processor)
      await held.entered(id)
      await scene.queue.pause()
      await worker.quiesce()
      await handBackAll(worker)
      const next = await scene.start(async () => 'done')
      await scene.queue.resume()
      expect(await next.outcome(id)).toBe('completed')
    })

    it('abort() reaches a signal that the processor declares, and contextOf() where it does not', async () => {
      const scene = queueScene(bullmq, redis)
      const held = holding()
      const declared = await scene.start(held.processor)
      const id = (await scene.queue.add('paint', {})).id ?? ''
      const signal = await held.entered(id)
      const given = abort()
      const [lease] = declared.source.inFlight()
      if (lease) declared.source.abort(lease, given)
      expect(signal?.reason).toBe(given)
      await declared.quiesce()
      await handBackAll(declared)

      let heard: unknown
      let enter = () => {}
      const entered = new Promise<void>((resolve) => (enter = resolve))
      const silent = await scene.start(async (job) => {
        const own = contextOf(job).signal
        enter()
        await new Promise((resolve) => own.addEventListener('abort', resolve))
        heard = own.reason
        throw new Error('Stopped')
      })
      await entered
      const [other] = silent.source.inFlight()
      if (other) silent.source.abort(other, given)
      expect(await silent.outcome(id)).toBe('handedBack')
      expect(heard).toBe(given)
      expect(await scene.field(id, 'failedReason')).toBeNull()
    })

    it('a processor that moved its job itself has neither failed nor lost it', async () => {
      const scene = queueScene(bullmq, redis)
      const id = (await scene.queue.add('paint', {})).id ?? ''
      const worker = await scene.start(async (job, token) => {
        await job.moveToDelayed(Date.now() + 3_600_000, token)
        throw Object.assign(new Error('Later'), { name: 'DelayedError' })
      })
      expect(await worker.outcome(id)).toBe('completed')
      expect(await (await scene.queue.getJob(id))?.getState()).toBe('delayed')
    })

    it('an idle worker that quiesces leaves later jobs, and their wake-ups, to others', async () => {
      const scene = queueScene(bullmq, redis)
      const idle = await scene.start(async () => 'idle', { drainDelay: 60 })
      const busy = await scene.start(async () => 'busy', { drainDelay: 60 })
      const first = (await scene.queue.add('paint', {})).id ?? ''
      await Promise.race([idle.outcome(first), busy.outcome(first)])
      await idle.quiesce()
      for (let round = 0; round < 3; round += 1) {
        const id = (await scene.queue.add('paint', {})).id ?? ''
        expect(await busy.outcome(id)).toBe('completed')
        expect(idle.outcomes.has(id)).toBe(false)
      }
    })

    it('stop() closes the worker within its drain, not after its blocking call', async () => {
      const scene = queueScene(bullmq, redis)
      const worker = await scene.start(async () => {}, { drainDelay: 600 })
      await worker.quiesce()
      await worker.source.stop(calm())
      expect(worker.worker.isRunning()).toBe(false)
      expect(worker.failures).toEqual([])
      expect(
        await redis.raw().text('HKEYS', `${scene.prefix}:paint:worker-recycler:workers`),
      ).toEqual([])
    })

    it('a worker that the application closes by itself makes the source fail', async () => {
      const scene = queueScene(bullmq, redis)
      const worker = await scene.start(async () => {})
      await worker.worker.close()
      expect(String(worker.failures)).toContain('closed by the application')
    })
  })
}
