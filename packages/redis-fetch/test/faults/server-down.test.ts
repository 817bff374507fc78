import { describe, expect, it } from 'vitest'
import { freePort } from '../../../../test/redis/free-port.ts'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { faultScene, LAYOUTS, ownQueue, ownServer, rejection, untilTrue } from './fault-scene.ts'
import { inProcessWorker } from './in-process-worker.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''
const { signal } = new AbortController()

describe.skipIf(reason).each(LAYOUTS)(`a server that is down${skipped}: %s layout`, (layout) => {
  it('at the start is waited for, which is said once', async () => {
    const port = await freePort()
    const worker = inProcessWorker({ url: `redis://127.0.0.1:${port}`, layout, auto: true })
    const starting = worker.start()
    await worker.until(() => worker.said(/cannot be reached/).length > 0)
    const { raw } = await ownServer({ port })
    await starting
    expect(worker.said(/cannot be reached/)).toHaveLength(1)
    expect(worker.said(/can be reached again/)).toHaveLength(1)
    await faultScene(() => raw, layout).oracle.available()
    const queue = ownQueue({ url: `redis://127.0.0.1:${port}`, layout })
    await queue.enqueue('paint', [])
    await worker.until(() => worker.settled.length === 1)
  })

  it('at the start is waited for until the signal or stop() ends it', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`
    const worker = inProcessWorker({ url, layout })
    const given = new AbortController()
    const refused = rejection(worker.start(given.signal))
    given.abort(new Error('No longer wanted'))
    expect(await refused).toMatchObject({ message: 'No longer wanted' })
    const other = inProcessWorker({ url, layout })
    const ended = rejection(other.start())
    await other.stop()
    expect(await ended).toBeInstanceOf(Error)
  })

  async function durable() {
    const { server, raw: first } = await ownServer({ aof: true })
    let current: RawRedis = first
    const raw = () => current
    const scene = faultScene(raw, layout)
    const connection = { ...scene.storage, url: server.url }
    const up = async () => {
      await server.restart()
      current = await server.raw()
    }
    return { server, scene, connection, up, raw }
  }

  it('lets jobs go on, and hears of their ends afterwards', async () => {
    const { server, scene, connection, up, raw } = await durable()
    const worker = inProcessWorker({ ...connection, retries: { baseMs: 1e9, maxMs: 1e9 } })
    await worker.start()
    const ids = [await scene.push(), await scene.push(), await scene.push()]
    await worker.until(() => worker.runs.length === 3)
    await server.kill()
    await worker.until(() => worker.said(/cannot be reached/).length > 0)
    worker.runs[0]?.finish()
    worker.runs[1]?.fail(new Error('No paint'))
    await worker.until(() => worker.said(/cannot be moved; trying again/).length > 0)
    expect(worker.source.inFlight()).toHaveLength(3)
    await up()
    await worker.until(() => worker.settled.length === 2)
    const { id: done } = worker.runs[0]!.job
    const { id: failed } = worker.runs[1]!.job
    const { id: held } = worker.runs[2]!.job
    expect(worker.settled).toContainEqual({ id: done, outcome: 'completed' })
    expect(worker.settled).toContainEqual({ id: failed, outcome: 'failed' })
    expect(await scene.everywhere(worker.identity)).toEqual([failed, held].toSorted())
    expect(await scene.oracle.held(worker.identity)).toEqual([held])
    const later = await scene.push()
    ;(await worker.run(later)).finish()
    worker.runs[2]?.finish()
    await worker.until(() => worker.settled.length === 4)
    expect(worker.runs.map(({ job }) => job.id).toSorted()).toEqual([...ids, later].toSorted())
    expect(await membersHeld(raw(), scene.prefix)).toEqual([])
    expect(worker.failures).toEqual([])
  })

  it('holds up a hand-back, which succeeds afterwards', async () => {
    const { server, scene, connection, up } = await durable()
    const worker = inProcessWorker({ ...connection })
    await worker.start()
    const id = await scene.push()
    await worker.run(id)
    const lease = worker.lease(id)
    await worker.quiesce()
    await server.kill()
    const handing = Promise.resolve(worker.source.handBack(lease, { signal }))
    await worker.until(() => worker.said(/cannot be moved; trying again/).length > 0)
    await up()
    expect(await handing).toBe('handedBack')
    expect(await scene.everywhere(worker.identity)).toEqual([id])
    expect(await scene.oracle.available()).toEqual([id])
  })

  it('does not hold up stop(), and jobs stay', async () => {
    const { server, scene, connection, up } = await durable()
    const worker = inProcessWorker({ ...connection, concurrency: 2 })
    await worker.start()
    const ids = [await scene.push(), await scene.push()]
    await worker.until(() => worker.runs.length === 2)
    await server.kill()
    await worker.until(() => worker.said(/cannot be reached/).length > 0)
    worker.runs[0]?.finish()
    worker.runs[1]?.fail(new Error('No paint'))
    await worker.until(() => worker.said(/cannot be moved; trying again/).length > 0)
    await worker.stop()
    await up()
    expect((await scene.oracle.held(worker.identity)).toSorted()).toEqual(ids.toSorted())
    const queue = ownQueue(connection)
    const { recovered } = await queue.recover({ identity: worker.identity, cause: 'stop' })
    expect(recovered.map((job) => job.id).toSorted()).toEqual(ids.toSorted())
    expect((await scene.oracle.available()).toSorted()).toEqual(ids.toSorted())
  })

  it('does not hold up the stop of a worker that reconnects', async () => {
    const { server, scene, connection, up } = await durable()
    const worker = inProcessWorker(connection)
    await worker.start()
    const id = await scene.push()
    await worker.run(id)
    await server.kill()
    await worker.until(() => worker.said(/cannot be reached/).length > 0)
    const restarted = up()
    await Promise.all([worker.stop(), restarted])
    await untilTrue(async () => (await scene.everywhere(worker.identity)).length === 1)
    expect(worker.runs).toHaveLength(1)
  })
})

async function membersHeld(raw: RawRedis, prefix: string): Promise<string[]> {
  const keys = (await raw.text('KEYS', `*${prefix}*work*`)) as string[]
  const kinds = await Promise.all(keys.map((key) => raw.text('TYPE', key)))
  return keys.filter((_, index) => kinds[index] === 'list')
}
