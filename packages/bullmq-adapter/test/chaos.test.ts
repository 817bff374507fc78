import { recoverWorker } from '@worker-recycler/bullmq-adapter'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { versions } from './bullmq-versions.ts'
import { killedWorkers } from './killed-worker.ts'
import { queueScene } from './queue-scene.ts'

const reason = withoutRedis()
const KILLS = 12
const JOBS = 600

describe.skipIf(reason)(`kills at any moment${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const spawn = killedWorkers()

  it('lose no job, and charge none with an attempt or a stall', async () => {
    const scene = queueScene(versions['BullMQ 6'], redis)
    const added = await scene.queue.addBulk(
      Array.from({ length: JOBS }, () => ({ name: 'paint', data: { end: true } })),
    )
    const ids = added.map(({ id }) => id ?? '').toSorted()
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Killed while it claims, runs and acknowledges: the jobs end as fast as they can.
      const { prefix, connection } = scene
      const dead = await spawn({ prefix, connection, settings: { concurrency: 4 } }, 1 + 3 * kill)
      await dead.kill()
      // Two at once, as a supervisor and a successor may be.
      const request = { identity: dead.identity, cause: 'stop' } as const
      await Promise.all([recoverWorker(scene.queue, request), recoverWorker(scene.queue, request)])
      expect(await scene.list('active')).toEqual([])
      const { completed = 0, waiting = 0 } = await scene.queue.getJobCounts('completed', 'waiting')
      expect(completed + waiting).toBe(JOBS)
    }
    const heir = await scene.start(async () => {}, { concurrency: 10 })
    const left = (await scene.queue.getWaiting()).map(({ id }) => id ?? '')
    for (const id of left) expect(await heir.outcome(id)).toBe('completed')
    const done = await scene.queue.getCompleted(0, -1)
    expect(done.map(({ id }) => id ?? '').toSorted()).toEqual(ids)
    expect(new Set(done.map((job) => job.stalledCounter))).toEqual(new Set([0]))
    expect(new Set(done.map((job) => job.attemptsMade))).toEqual(new Set([1]))
    expect(new Set(done.map((job) => job.attemptsStarted))).toEqual(new Set([1]))
  })
})
