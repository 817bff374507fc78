import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { faultScene, LAYOUTS, loadScripts, membersOf, ownQueue, ownServer } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

/** Lets the server take nothing that needs memory. */
const fill = (raw: RawRedis) => raw.command('CONFIG', 'SET', 'maxmemory', '1')
const free = (raw: RawRedis) => raw.command('CONFIG', 'SET', 'maxmemory', '0')

describe.skipIf(reason).each(LAYOUTS)(
  `a server that takes no writes${skipped}: %s layout`,
  (layout) => {
    async function stage() {
      const { server, raw } = await ownServer()
      await loadScripts(raw)
      const scene = faultScene(() => raw, layout)
      return { server, raw, scene, connection: { ...scene.storage, url: server.url } }
    }

    it('because it is full: a producer is told what to do', async () => {
      const { raw, scene, connection } = await stage()
      const queue = ownQueue(connection)
      await queue.enqueue('paint', [])
      await fill(raw)
      for (const more of [{}, { id: 'mona-lisa' }, { delayMs: 1000 }, { queue: 'new' }]) {
        const refused = queue.enqueue('paint', [], more)
        await expect(refused).rejects.toMatchObject({ code: 'STORAGE_FULL' })
        await expect(refused).rejects.toThrow(/memory limit.*Raise `maxmemory`/)
      }
      await free(raw)
      expect(await queue.enqueue('paint', [], { id: 'mona-lisa' })).toMatchObject({
        outcome: 'enqueued',
      })
      expect(await scene.oracle.available()).toHaveLength(2)
    })

    it('because it is full: jobs are taken, completed, failed and handed back all the same', async () => {
      const { raw, scene, connection } = await stage()
      const worker = inProcessWorker({
        ...connection,
        concurrency: 2,
        retries: { baseMs: 1e9, maxMs: 1e9 },
      })
      await worker.start()
      const [done, failed] = [await scene.push(), await scene.push()]
      await worker.until(() => worker.runs.length === 2)
      const waiting = await scene.push()
      await fill(raw)
      ;(await worker.run(done)).finish()
      ;(await worker.run(failed)).fail(new Error('No paint'))
      await worker.run(waiting)
      await worker.until(() => worker.settled.length === 2)
      expect(await membersOf(raw, scene.keys().retry)).toHaveLength(1)
      await worker.quiesce()
      const { signal } = new AbortController()
      expect(await worker.source.handBack(worker.lease(waiting), { signal })).toBe('handedBack')
      expect(await scene.oracle.available()).toEqual([waiting])
      expect(worker.failures).toEqual([])
    })

    it('because it is full: what a dead worker held is put back, and a new one starts', async () => {
      const { raw, scene, connection } = await stage()
      const dead = inProcessWorker(connection)
      await dead.start()
      const ids = [await scene.push(), await scene.push()]
      await dead.until(() => dead.runs.length === 2)
      await dead.quiesce()
      const queue = ownQueue(connection)
      await fill(raw)
      const request = { identity: dead.identity, cause: 'crash' } as const
      expect((await queue.recover(request)).recovered).toHaveLength(2)
      expect(await scene.everywhere(dead.identity)).toEqual(ids.toSorted())
      const heir = inProcessWorker({ ...connection, auto: true })
      await heir.start()
      await heir.until(() => heir.settled.length === 2)
      expect(heir.runs.map(({ job }) => job.id).toSorted()).toEqual(ids.toSorted())
    })

    it('because it is full for longer than a lease: nobody is taken for dead', async () => {
      const { raw, scene, connection } = await stage()
      const workers = [0, 1].map(() => inProcessWorker({ ...connection, leaseMs: 1000 }))
      for (const worker of workers) await worker.start()
      const held = await scene.push()
      await Promise.race(workers.map((worker) => worker.run(held)))
      await fill(raw)
      const deadlines = () => raw.text('ZRANGE', scene.keys().workers, 0, -1, 'WITHSCORES')
      const renewed = async (times: number) => {
        for (let beats = 0; beats < times; beats += 1) {
          const now = JSON.stringify(await deadlines())
          while (JSON.stringify(await deadlines()) === now);
        }
      }
      // Both beat on, for longer than a lease, and after it.
      await renewed(10)
      await free(raw)
      await renewed(6)
      expect(workers.flatMap((worker) => worker.said(/lease was not renewed/))).toEqual([])
      expect(workers.flatMap(({ failures }) => failures)).toEqual([])
      expect(await scene.oracle.available()).toEqual([])
      expect(workers.flatMap(({ runs }) => runs)).toHaveLength(1)
    })

    it('because it cannot persist: all goes on once it can', async () => {
      const { server, raw, scene, connection } = await stage()
      const worker = inProcessWorker({ ...connection, concurrency: 1 })
      await worker.start()
      const id = await scene.push()
      const run = await worker.run(id)
      const waiting = await scene.push()
      // The file that it would write is a directory.
      mkdirSync(join(server.dir, 'dump.rdb'))
      await raw.command('CONFIG', 'SET', 'save', '3600 1')
      await raw.command('BGSAVE')
      while (!String(await raw.text('INFO', 'persistence')).includes('last_bgsave_status:err'));
      const queue = ownQueue(connection)
      const refused = queue.enqueue('paint', [])
      await expect(refused).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' })
      await expect(refused).rejects.toThrow(/cannot persist.*disk/)
      run.finish()
      await worker.until(() => worker.said(/did not take or give jobs/).length > 0)
      expect(await scene.oracle.held(worker.identity)).toEqual([id])
      await raw.command('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no')
      ;(await worker.run(waiting)).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(await scene.everywhere(worker.identity)).toEqual([])
      expect(worker.failures).toEqual([])
    })

    it('because it is a replica: all goes on once it is the primary again', async () => {
      const { server: other } = await ownServer()
      const { raw, scene, connection } = await stage()
      const worker = inProcessWorker({ ...connection, concurrency: 1 })
      await worker.start()
      const id = await scene.push()
      const run = await worker.run(id)
      const waiting = await scene.push()
      // A primary that is not there yet: what the replica has stays.
      await other.kill()
      await raw.command('REPLICAOF', other.host, other.port)
      const queue = ownQueue(connection)
      await expect(queue.enqueue('paint', [])).rejects.toMatchObject({ code: 'STORAGE_READ_ONLY' })
      run.finish()
      await worker.until(() => worker.said(/did not take or give jobs/).length > 1)
      const refusals = worker.said(/did not take or give jobs/)
      expect(String(refusals.flatMap(({ fields }) => Object.values(fields)))).toContain('READONLY')
      expect(worker.settled).toEqual([])
      await raw.command('REPLICAOF', 'NO', 'ONE')
      ;(await worker.run(waiting)).finish()
      await worker.until(() => worker.settled.length === 2)
      expect(worker.settled[0]).toEqual({ id, outcome: 'completed' })
      expect(worker.runs).toHaveLength(2)
      expect(await scene.everywhere(worker.identity)).toEqual([])
    })
  },
)
