import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { MOVE } from '../../src/scripts/move.ts'
import {
  faultScene,
  LAYOUTS,
  membersOf,
  ownQueue,
  sends,
  untilTrue,
  ownProxy,
} from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const MALFORMED = 105

describe.skipIf(reason)(`keys that hold something else${skipped}`, () => {
  const { raw, server } = sharedRedis()

  describe.each(LAYOUTS)('%s layout', (layout) => {
    function stage() {
      const scene = faultScene(raw, layout)
      return { scene, connection: { ...scene.storage, url: server().url } }
    }

    it('a queue that is no list is told of once, and the others go on', async () => {
      const { scene, connection } = stage()
      const queues = ['broken', 'default']
      await raw().command('SET', scene.keys('broken').wait, 'no list')
      const worker = inProcessWorker({ ...connection, queues, auto: true, leaseMs: 1000 })
      await worker.start()
      for (let jobs = 1; jobs <= 5; jobs += 1) {
        await scene.push()
        await worker.until(() => worker.settled.length === jobs)
      }
      expect(worker.said(/queue cannot be read; the others go on/)).toMatchObject([
        { level: 'error', fields: { queue: 'broken' } },
      ])
      await raw().command('DEL', scene.keys('broken').wait)
      await scene.push({ queue: 'broken' })
      await worker.until(() => worker.settled.length === 6)
      expect(worker.failures).toEqual([])
    })

    it('the only queue: it is told of once, and taken up when it is repaired', async () => {
      const { scene, connection } = stage()
      await raw().command('SET', scene.keys().wait, 'no list')
      const worker = inProcessWorker({ ...connection, auto: true })
      await worker.start()
      await worker.until(() => worker.said(/cannot be read/).length > 0)
      await raw().command('DEL', scene.keys().wait)
      await scene.push()
      await worker.until(() => worker.settled.length === 1)
      expect(worker.said(/cannot be read/)).toHaveLength(1)
      expect(worker.failures).toEqual([])
    })

    it('a recovery keeps what a broken queue does not take, and finishes later', async () => {
      const { scene, connection } = stage()
      const queues = ['broken', 'default']
      const dead = inProcessWorker({ ...connection, queues, leaseMs: 1000 })
      await dead.start()
      const stuck = await scene.push({ queue: 'broken' })
      const free = await scene.push()
      await dead.until(() => dead.runs.length === 2)
      await dead.quiesce()
      await raw().command('SET', scene.keys('broken').wait, 'no list')
      const queue = ownQueue(connection)
      const request = { identity: dead.identity, cause: 'crash' } as const
      await expect(queue.recover(request)).rejects.toThrow(/WRONGTYPE/)
      expect(await scene.oracle.available()).toEqual([free])
      expect(await scene.everywhere(dead.identity, 'broken')).toEqual([stuck])
      expect(await scene.oracle.registered()).toEqual([dead.identity])
      // Its next life is not held up by it, nor is anybody else.
      const heir = inProcessWorker({ ...connection, queues, leaseMs: 1000, auto: true })
      await heir.start()
      await heir.until(() => heir.settled.length === 1)
      await heir.until(() => heir.said(/dead worker was not recovered/).length > 0)
      await raw().command('DEL', scene.keys('broken').wait)
      await heir.until(() => heir.settled.length === 2)
      expect(heir.runs.map(({ job }) => job.id)).toEqual([free, stuck])
      expect(heir.runs.map(({ context }) => context.delivery.interruptions)).toEqual([1, 1])
      await untilTrue(async () => !(await scene.oracle.registered()).includes(dead.identity))
    })

    it('a successor of that name starts all the same', async () => {
      const { scene, connection } = stage()
      const { proxy, url } = await ownProxy(server().port)
      const dead = inProcessWorker({ ...connection, url, name: 'worker-1', leaseMs: 1000 })
      await dead.start()
      const id = await scene.push()
      await dead.run(id)
      await dead.quiesce()
      proxy.refuse()
      proxy.cut()
      await raw().command('SET', scene.keys().wait, 'no list')
      const heir = inProcessWorker({ ...connection, name: 'worker-1', leaseMs: 1000, auto: true })
      await heir.start()
      expect(heir.said(/last worker of this name was not recovered/)).toHaveLength(1)
      await raw().command('DEL', scene.keys().wait)
      await heir.until(() => heir.settled.length === 1)
      expect(heir.settled).toEqual([{ id, outcome: 'completed' }])
      await proxy.accept()
    })

    it('what is due for a broken queue does not hold up what is due for others', async () => {
      const { scene, connection } = stage()
      await raw().command('SET', scene.keys('broken').wait, 'no list')
      const queue = ownQueue(connection)
      const jobs = Array.from({ length: 101 }, () => ({ name: 'paint', payload: [], delayMs: 1 }))
      await queue.enqueueMany(jobs.map((job) => ({ ...job, queue: 'broken' })))
      await queue.enqueueMany(jobs)
      const queues = ['broken', 'default']
      const worker = inProcessWorker({ ...connection, queues, leaseMs: 1000, auto: true })
      await worker.start()
      await worker.until(() => worker.settled.length === 101)
      expect(worker.runs.every(({ job }) => job.queue === 'default')).toBe(true)
      expect(worker.said(/due jobs cannot be moved/)).toHaveLength(1)
      await raw().command('DEL', scene.keys('broken').wait)
      await worker.until(() => worker.settled.length === 202)
    })

    describe('bytes that are no job', () => {
      const garbage = (number: number) =>
        number % 2 === 0 ? Buffer.from([0xff, 0xfe, number]) : Buffer.from(`{"oops": ${number}`)
      const all = Array.from({ length: MALFORMED }, (_, number) => garbage(number))
      const sorted = (bytes: readonly Buffer[]) =>
        bytes.map((each) => each.toString('hex')).toSorted()

      it('in front of a job go to quarantine as they are, and the job runs', async () => {
        const { scene, connection } = stage()
        for (const bytes of all) await scene.pushBytes(bytes)
        const id = await scene.push()
        const worker = inProcessWorker({ ...connection, auto: true, concurrency: 2 })
        await worker.start()
        await worker.until(() => worker.settled.length === 1)
        expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
        await untilTrue(async () => {
          const { quarantine } = scene.keys()
          return (await membersOf(raw(), quarantine)).length === MALFORMED
        })
        expect(sorted(await membersOf(raw(), scene.keys().quarantine))).toEqual(sorted(all))
        expect(await scene.oracle.held(worker.identity)).toEqual([])
      })

      it('in a dead worker’s list go to quarantine as they are, the jobs back', async () => {
        const { scene, connection } = stage()
        const dead = inProcessWorker(connection)
        await dead.start()
        await dead.quiesce()
        const [work = ''] = scene.keys().held(dead.identity)
        const { id, bytes } = scene.write()
        for (const each of [...all, bytes]) await raw().command('LPUSH', work, each)
        const queue = ownQueue(connection)
        const request = { identity: dead.identity, cause: 'recycle' } as const
        const { recovered } = await queue.recover(request)
        expect(recovered).toHaveLength(MALFORMED + 1)
        expect(await membersOf(raw(), scene.keys().wait)).toEqual([bytes])
        expect(sorted(await membersOf(raw(), scene.keys().quarantine))).toEqual(sorted(all))
        const listed = await queue.quarantine.list()
        expect(listed.filter((job) => job.malformed)).toHaveLength(MALFORMED)
        expect(await queue.quarantine.show(id)).toBeUndefined()
      })

      it('among the delayed ones go to quarantine as they are, the job runs', async () => {
        const { scene, connection } = stage()
        const { scheduled, quarantine } = scene.keys()
        for (const each of all) await raw().command('ZADD', scheduled, 1, each)
        const { id, bytes } = scene.write()
        await raw().command('ZADD', scheduled, 2, bytes)
        const worker = inProcessWorker({ ...connection, auto: true, leaseMs: 1000 })
        await worker.start()
        await worker.until(() => worker.settled.length === 1)
        expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
        expect(sorted(await membersOf(raw(), quarantine))).toEqual(sorted(all))
        expect(await membersOf(raw(), scheduled)).toEqual([])
      })
    })

    it('a job whose id is in flight waits for it, and costs next to nothing meanwhile', async () => {
      const { scene, connection } = stage()
      const { proxy, url } = await ownProxy(server().port)
      const worker = inProcessWorker({ ...connection, url, concurrency: 3, leaseMs: 1000 })
      await worker.start()
      const first = scene.write({ json: '"first"' })
      await scene.pushBytes(first.bytes)
      const run = await worker.run(first.id)
      let moves = 0
      const watch = (): void => {
        void proxy.onRequest(sends('EVALSHA', MOVE.sha1)).then(() => {
          moves += 1
          watch()
        })
      }
      watch()
      await scene.pushBytes(scene.write({ id: first.id, json: '"second"' }).bytes)
      const others = [await scene.push(), await scene.push()]
      for (const id of others) (await worker.run(id)).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(await scene.everywhere(worker.identity)).toEqual([first.id, first.id])
      for (let trips = 0; trips < 500; trips += 1) await raw().command('PING')
      expect(moves).toBeLessThan(5)
      run.finish()
      await worker.until(() => worker.runs.length === 4)
      expect(worker.runs[3]?.job.id).toBe(first.id)
      worker.runs[3]?.finish()
      await worker.until(() => worker.settled.length === 4)
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })
  })
})
