import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { faultScene, LAYOUTS, membersOf, ownQueue } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

describe.skipIf(reason)(`jobs that stop${skipped}`, () => {
  const { raw, server } = sharedRedis()

  describe.each(LAYOUTS)('%s layout', (layout) => {
    function stage() {
      const scene = faultScene(raw, layout)
      const connection = { ...scene.storage, url: server().url }
      return { scene, connection, queue: ownQueue({ ...connection, maxInterruptions: 1 }) }
    }
    const unique = { id: 'mona-lisa' }

    it('after the last attempt are dead, and can be released or discarded', async () => {
      const { scene, connection, queue } = stage()
      const retries = { maxAttempts: 2, baseMs: 1, maxMs: 1 }
      const worker = inProcessWorker({ ...connection, retries, leaseMs: 1000 })
      await worker.start()
      await queue.enqueue('paint', [], unique)
      for (const runs of [1, 2]) {
        await worker.until(() => worker.runs.length === runs)
        worker.runs.at(-1)?.fail(new Error(`No paint ${runs}`))
        await worker.until(() => worker.settled.length === runs)
      }
      expect(await membersOf(raw(), scene.keys().dead)).toHaveLength(1)
      expect(await queue.dead.show('mona-lisa')).toMatchObject({
        failures: 2,
        error: { message: 'No paint 2' },
        unique: true,
      })
      const duplicate = { id: 'mona-lisa', outcome: 'duplicate' }
      expect(await queue.enqueue('paint', [], unique)).toEqual(duplicate)
      expect(await queue.dead.release('mona-lisa')).toBe(true)
      expect(await queue.dead.release('mona-lisa')).toBe(false)
      await worker.until(() => worker.runs.length === 3)
      expect(worker.runs[2]?.context.delivery.count).toBe(1)
      worker.runs[2]?.fail(new Error('No paint 3'))
      await worker.until(() => worker.runs.length === 4)
      worker.runs[3]?.fail(new Error('No paint 4'))
      await worker.until(() => worker.settled.length === 4)
      expect(await queue.dead.discard('mona-lisa')).toBe(true)
      expect(await queue.dead.discard('mona-lisa')).toBe(false)
      expect(await scene.everywhere(worker.identity)).toEqual([])
      expect(await queue.enqueue('paint', [], unique)).toMatchObject({ outcome: 'enqueued' })
    })

    it('because they interrupt their workers can be released or discarded', async () => {
      const { scene, connection, queue } = stage()
      await queue.enqueue('paint', [], unique)
      const first = inProcessWorker(connection)
      await first.start()
      await first.run('mona-lisa')
      await first.quiesce()
      await queue.recover({ identity: first.identity, cause: 'crash' })
      expect(await queue.quarantine.list()).toMatchObject([{ id: 'mona-lisa', blamed: 1 }])
      expect(await queue.enqueue('paint', [], unique)).toMatchObject({ outcome: 'duplicate' })
      expect(await queue.quarantine.release('mona-lisa')).toBe(true)
      const second = inProcessWorker(connection)
      await second.start()
      const run = await second.run('mona-lisa')
      expect(run.context.delivery).toMatchObject({ count: 1, interruptions: 0 })
      await second.quiesce()
      await queue.recover({ identity: second.identity, cause: 'crash' })
      expect(await queue.quarantine.discard('mona-lisa')).toBe(true)
      expect(await scene.everywhere(second.identity)).toEqual([])
      expect(await queue.enqueue('paint', [], unique)).toMatchObject({ outcome: 'enqueued' })
    })

    it('because they are done free their id', async () => {
      const { connection, queue } = stage()
      const worker = inProcessWorker({ ...connection, auto: true })
      await worker.start()
      for (const jobs of [1, 2, 3]) {
        expect(await queue.enqueue('paint', [], unique)).toMatchObject({ outcome: 'enqueued' })
        await worker.until(() => worker.settled.length === jobs)
      }
    })

    it('are kept up to a number, the newest', async () => {
      const { scene, connection, queue } = stage()
      const worker = inProcessWorker({
        ...connection,
        concurrency: 1,
        keepDead: 3,
        retries: { maxAttempts: 1 },
      })
      await worker.start()
      for (let jobs = 1; jobs <= 5; jobs += 1) {
        const run = await worker.run(await scene.push())
        run.fail(new Error('No paint'))
        await worker.until(() => worker.settled.length === jobs)
      }
      expect(await queue.dead.list()).toHaveLength(3)
    })
  })
})
