import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { membersOf, untilTrue } from '../faults/fault-scene.ts'
import { sentinelScene } from './sentinel-scene.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`behind sentinels${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('a planned failover: jobs go on, and end on the new primary', async () => {
    const { set, after, replicated, ...scene } = await sentinelScene()
    const queue = scene.queue()
    const workers = [1, 2].map(() => scene.worker({ leaseMs: 3000, concurrency: 1 }))
    for (const worker of workers) await worker.start()
    const ids = await queue.enqueueMany([1, 2].map((payload) => ({ name: 'paint', payload })))
    for (const worker of workers) await worker.until(() => worker.runs.length === 1)
    await replicated()
    await set.failover()

    for (const { runs } of workers) runs[0]?.finish()
    for (const worker of workers) await worker.until(() => worker.settled.length === 1)
    await untilTrue(async () => (await after.oracle.held(workers[0]!.identity)).length === 0)
    await untilTrue(async () => (await after.oracle.held(workers[1]!.identity)).length === 0)
    // A producer that has the old connection is told so, and tries again.
    const later = async (): Promise<string> =>
      queue.enqueue('paint', 3, { id: 'later' }).then(({ id }) => id, later)
    expect(await later()).toBe('later')
    await untilTrue(() => Promise.resolve(workers.some(({ runs }) => runs.length === 2)))
    const heir = workers.find(({ runs }) => runs.length === 2)
    ;(await heir!.run('later')).finish()
    await heir!.until(() => heir!.settled.length === 2)
    for (const { settled, failures, identity } of workers) {
      expect(settled.every(({ outcome }) => outcome === 'completed')).toBe(true)
      expect(failures).toEqual([])
      expect(await after.raw.text('EXISTS', after.keys().fence(identity))).toBe(0)
      await untilTrue(async () => (await after.everywhere(identity)).length === 0)
    }
    const all = workers.flatMap(({ runs }) => runs.map(({ job }) => job.id))
    expect(all.toSorted()).toEqual([...ids.map(({ id }) => id), 'later'].toSorted())
    expect((await after.oracle.registered?.())?.toSorted()).toEqual(
      workers.map(({ identity }) => identity).toSorted(),
    )
  })

  it('a failover takes back an acknowledgement: the job is not run again', async () => {
    const { set, before, after, replicated, sever, ...scene } = await sentinelScene()
    const worker = scene.worker({ leaseMs: 3000 })
    await worker.start()
    const id = await before.push()
    const run = await worker.run(id)
    await replicated()
    await sever()
    run.finish()
    await worker.until(() => worker.settled.length === 1)
    expect(await before.everywhere(worker.identity)).toEqual([])
    expect(await after.oracle.held(worker.identity)).toEqual([id])
    await set.failover()
    await untilTrue(async () => (await after.oracle.held(worker.identity)).length === 0)
    expect(worker.runs).toHaveLength(1)
    expect(worker.settled).toEqual([{ id, outcome: 'completed' }])
    expect(await after.everywhere(worker.identity)).toEqual([])
    expect(worker.failures).toEqual([])
    expect(worker.said(/lost reply had hidden/)).toMatchObject([{ fields: { id, ended: true } }])
  })

  it('a failover takes back a claim: whoever claims the job then has it', async () => {
    const { set, before, after, replicated, sever, ...scene } = await sentinelScene()
    const worker = scene.worker({ leaseMs: 60_000, concurrency: 1 })
    await worker.start()
    await replicated()
    await sever()
    const id = await before.push()
    const lost = await worker.run(id)
    // The push has been replicated, the claim has not.
    const { bytes } = after.write({ id })
    const key = `{${before.prefix}}:worker:${worker.identity}`
    const registeredAt = () => after.raw.text('HGET', key, 'registeredAt')
    const first = await registeredAt()
    await set.failover()
    await after.pushBytes(bytes)
    const heir = scene.worker({ leaseMs: 60_000 })
    await heir.start()
    const run = await heir.run(id)
    // An end that is told while nobody answers is told again, and taken for one whose reply was lost.
    await untilTrue(async () => (await registeredAt()) !== first)
    lost.finish()
    await worker.until(() => worker.settled.length === 1)
    expect(worker.settled).toEqual([{ id, outcome: 'fenced' }])
    // It was not declared dead: it works on.
    expect(worker.failures).toEqual([])
    expect(await after.oracle.held(heir.identity)).toEqual([id])
    run.finish()
    await heir.until(() => heir.settled.length === 1)
    expect(heir.settled).toEqual([{ id, outcome: 'completed' }])
    expect(await after.everywhere(heir.identity)).toEqual([])
    const next = await after.push()
    const runsNext = () => [worker, heir].find(({ runs }) => runs.at(-1)?.job.id === next)
    await untilTrue(() => Promise.resolve(runsNext() !== undefined))
  })

  it('a failover takes back a claim: the worker that runs it leaves it in its queue', async () => {
    const { set, before, after, replicated, sever, ...scene } = await sentinelScene()
    const worker = scene.worker({ leaseMs: 60_000, concurrency: 4 })
    await worker.start()
    await replicated()
    await sever()
    const id = await before.push()
    const run = await worker.run(id)
    await set.failover()
    await after.pushBytes(after.write({ id }).bytes)
    const next = await after.push()
    ;(await worker.run(next)).finish()
    await worker.until(() => worker.settled.length === 1)
    expect(await after.everywhere(worker.identity)).toEqual([id])
    run.finish()
    await untilTrue(async () => {
      for (const each of worker.runs) each.finish()
      return (await after.everywhere(worker.identity)).length === 0
    })
    expect(worker.failures).toEqual([])
  })

  it('a failover takes back a registration: it is made again', async () => {
    const { set, before, after, replicated, sever, ...scene } = await sentinelScene()
    await replicated()
    await sever()
    const worker = scene.worker({ leaseMs: 1500 })
    await worker.start()
    expect(await before.oracle.registered?.()).toEqual([worker.identity])
    expect(await after.oracle.registered?.()).toEqual([])
    await set.failover()
    await untilTrue(async () => (await after.oracle.registered?.())?.length === 1)
    const { workers: key } = after.keys()
    const lease = async () => Number(await after.raw.text('ZSCORE', key, worker.identity))
    const first = await lease()
    await untilTrue(async () => (await lease()) > first)
    const [status] = (await scene.queue().status()).workers
    expect(status).toMatchObject({ identity: worker.identity, state: 'working', concurrency: 10 })
    const id = await after.push()
    ;(await worker.run(id)).finish()
    await worker.until(() => worker.settled.length === 1)
    expect(await membersOf(after.raw, after.keys().wait)).toEqual([])
  })

  it('all sentinels away: a worker that has its primary goes on, one that lost it waits', async () => {
    const { set, proxies, before, ...scene } = await sentinelScene()
    const worker = scene.worker({ leaseMs: 3000 })
    await worker.start()
    const held = await before.push()
    await worker.run(held)
    for (const proxy of proxies) {
      proxy.refuse()
      proxy.cut()
    }
    const during = await before.push()
    ;(await worker.run(during)).finish()
    await worker.until(() => worker.settled.length === 1)
    await before.raw.command('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'yes')
    ;(await worker.run(held)).finish()
    await worker.until(() => worker.said(/cannot be reached|trying again/).length > 0)
    const waits = await before.push()
    expect(worker.settled).toHaveLength(1)
    expect(await before.oracle.held(worker.identity)).toEqual([held])
    for (const proxy of proxies) await proxy.accept()
    ;(await worker.run(waits)).finish()
    await worker.until(() => worker.settled.length === 3)
    expect(worker.settled.every(({ outcome }) => outcome === 'completed')).toBe(true)
    expect(worker.failures).toEqual([])
    expect(await before.everywhere(worker.identity)).toEqual([])
    expect(set.primary().port).toBeGreaterThan(0)
  })
})
