import { createIdentity, silentLogger } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { openDriver } from '../../src/driver/ioredis-driver.ts'
import { membersOf, untilTrue } from '../faults/fault-scene.ts'
import { historyOf } from '../processes/every-job.ts'
import { clusterScene } from './cluster-scene.ts'
import { sharedCluster } from './shared-cluster.ts'

const reason = withoutRedis()
const REFUSED = /did not take or give jobs/

describe.skipIf(reason)(`a cluster that changes${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const shared = sharedCluster()
  const { cluster, raw } = shared
  const elsewhere = async (key: string) => ((await cluster().ownerOf(key)) + 1) % 3

  /** Moves one key of a slot that is being moved, and no other. */
  const moveKey = async (key: string, to: number) => {
    const { nodes } = cluster()
    const source = await nodes[await cluster().ownerOf(key)]!.raw()
    const { host, port } = nodes[to]!
    expect(await source.text('MIGRATE', host, port, key, 0, 30_000)).toBe('OK')
    await source.close()
  }

  it.each([
    { how: 'one queue', more: [] },
    { how: 'several queues', more: ['attic'] },
  ])('hands over the slot of $how while its worker holds jobs and fetches', async ({ more }) => {
    const scene = await clusterScene(shared)
    const keys = scene.keys()
    const worker = scene.worker({ queues: ['default', ...more], concurrency: 3 })
    await scene.fill('default', ...Array.from({ length: 9 }, (_, index) => `j${index}`))
    await worker.start()
    await worker.until(() => worker.runs.length === 3)

    const to = await elsewhere(keys.wait)
    const move = await cluster().openSlotOf(keys.wait, to)
    // All keys are with the old node still.
    ;(await worker.run('j0')).finish()
    await worker.run('j3')
    await moveKey(keys.wait, to)
    // The worker's list is with the old node, the jobs with the new one: TRYAGAIN.
    ;(await worker.run('j1')).finish()
    ;(await worker.run('j2')).fail(new Error('No paint'))
    await worker.until(() => worker.said(REFUSED).length > 0)
    await scene.push({ id: 'meanwhile' })
    expect(worker.runs).toHaveLength(4)
    await move.moveKeys()
    // All keys are with the new node, which is not the owner yet: ASK. Keys that there are not yet, such
    // as that of the retries, have to wait until it is.
    await worker.run('j4')
    expect(worker.settled.map(({ id }) => id)).toEqual(['j0', 'j1'])
    await move.finish()
    await worker.until(() => {
      for (const run of worker.runs) if (run.job.id !== 'j2') run.finish()
      return worker.settled.length === 10
    })
    expect(worker.runs.map(({ job }) => job.id).toSorted()).toEqual(
      [...Array.from({ length: 9 }, (_, index) => `j${index}`), 'meanwhile'].toSorted(),
    )
    expect(worker.failures).toEqual([])
    expect(await scene.everywhere(worker.identity)).toEqual(['j2'])
    const [failed] = await membersOf(raw(), keys.retry)
    expect(JSON.parse(String(failed).split('\n')[0] ?? '')).toMatchObject({ id: 'j2', failures: 1 })
  })

  it('hands over the slot of a queue whose dead worker is recovered', async () => {
    const scene = await clusterScene(shared)
    const keys = scene.keys()
    const dead = scene.worker({ leaseMs: 60_000 })
    await scene.fill('default', 'j0', 'j1', 'j2')
    await dead.start()
    await dead.until(() => dead.runs.length === 3)
    await dead.quiesce()

    const to = await elsewhere(keys.wait)
    const move = await cluster().openSlotOf(keys.wait, to)
    const queue = scene.queue()
    const request = { identity: dead.identity, cause: 'crash' } as const
    // Refused while the slot is half moved, or a moment later done: either will do.
    const recovering = queue.recover(request).catch(() => undefined)
    // It seals the list, and then waits for its keys to be together.
    await untilTrue(
      async () => Number(await raw().command('EXISTS', keys.fence(dead.identity))) > 0,
    )
    await move.moveKeys()
    await move.finish()
    await recovering
    await queue.recover(request)
    expect((await scene.oracle.available()).toSorted()).toEqual(['j0', 'j1', 'j2'])
    for (const bytes of await membersOf(raw(), keys.wait)) {
      expect(historyOf(String(bytes))).toMatchObject({ interruptions: 1, blamed: 1 })
    }
    expect(await scene.oracle.registered?.()).toEqual([])

    // The dead one's late end changes nothing.
    ;(await dead.run('j0')).finish()
    await dead.until(() => dead.settled.length === 1)
    expect(dead.settled).toEqual([{ id: 'j0', outcome: 'fenced' }])
    const heir = scene.worker({ auto: true })
    await heir.start()
    await heir.until(() => heir.settled.length === 3)
    expect(await scene.everywhere(heir.identity)).toEqual([])
  })

  it('hands over the slot of the fleet, and nobody notices', async () => {
    const scene = await clusterScene(shared)
    const keys = scene.keys()
    const worker = scene.worker({ auto: true, leaseMs: 1500 })
    await worker.start()
    await scene.fill('default', 'before')
    await worker.until(() => worker.settled.length === 1)
    const to = await elsewhere(keys.workers)
    const move = await cluster().openSlotOf(keys.workers, to)
    await scene.fill('default', 'meanwhile')
    await move.moveKeys()
    await move.finish()
    await scene.fill('default', 'after')
    await worker.until(() => worker.settled.length === 3)
    expect(worker.failures).toEqual([])
    // The next beat renews the lease, or registers anew.
    const lease = () => raw().text('ZSCORE', keys.workers, worker.identity)
    const before = await lease()
    await untilTrue(async () => Number(await lease()) > Number(before))
    expect(await cluster().ownerOf(keys.workers)).toBe(to)
  })

  it('goes on when the node of a queue is started again', async () => {
    const scene = await clusterScene(shared)
    const { queues, fill } = scene
    const worker = scene.worker({ queues, concurrency: 6 })
    for (const queue of queues) await fill(queue, `${queue}-held`)
    await worker.start()
    await worker.until(() => worker.runs.length === 3)
    const node = (scene.fleetNode + 1) % 3
    const queue = queues[node] ?? ''
    await cluster().nodes[node]!.restart()
    ;(await worker.run(`${queue}-held`)).finish()
    await cluster().nodes[node]!.untilLine(/Cluster state changed: ok/)
    for (const each of queues) await fill(each, `${each}-after`)
    await worker.until(() => {
      for (const run of worker.runs) run.finish()
      return worker.settled.length === 6
    })
    expect(worker.settled.every(({ outcome }) => outcome === 'completed')).toBe(true)
    expect(worker.runs).toHaveLength(6)
    for (const each of queues) expect(await scene.everywhere(worker.identity, each)).toEqual([])
  })

  it('tells of a node that is back, although the cluster was there all the time', async () => {
    const scene = await clusterScene(shared)
    const driver = openDriver(shared.server(), 'test', silentLogger)
    onTestFinished(() => driver.close())
    await driver.ready(new AbortController().signal)
    const look = () => driver.send([['ZCARD', scene.keys().workers]])
    await look()
    let made = 0
    driver.onReady(() => {
      made += 1
    })
    const node = cluster().nodes[scene.fleetNode]!
    await node.restart()
    await node.untilLine(/Cluster state changed: ok/)
    await untilTrue(() =>
      look().then(
        ([reply]) => reply === 0,
        () => false,
      ),
    )
    expect(made).toBeGreaterThan(0)
  })

  it('declares nobody dead when the node of the register was away for longer than a lease', async () => {
    const scene = await clusterScene(shared)
    const keys = scene.keys()
    const queues = ['default', 'haunted']
    const fleet = [1, 2, 3].map(() => scene.worker({ queues, leaseMs: 3000, concurrency: 2 }))
    const runs = () => fleet.flatMap((worker) => worker.runs)
    /** A dead worker for certain: when its job runs, the keeper has passed a verdict. */
    const ghost = async (id: string) => {
      const identity = createIdentity({ host: 'ghost' })
      const { bytes } = scene.write({ id, queue: 'haunted' })
      await raw().command('LPUSH', scene.keys('haunted').held(identity)[0]!, bytes)
      await raw().command('HSET', `{${scene.prefix}}:worker:${identity}`, 'queues', 'haunted')
      await raw().command('ZADD', keys.workers, 2, identity)
      await untilTrue(() => Promise.resolve(runs().some(({ job }) => job.id === id)))
    }
    await scene.fill('default', 'j0', 'j1', 'j2')
    for (const worker of fleet) await worker.start()
    await untilTrue(() => Promise.resolve(runs().length === 3))
    await ghost('before')
    const node = cluster().nodes[scene.fleetNode]!
    await node.restart()
    await node.untilLine(/Cluster state changed: ok/)
    // As after an outage of any length: by the register all are dead.
    for (const { identity } of fleet) await raw().command('ZADD', keys.workers, 'XX', 1, identity)
    await ghost('after')
    for (const run of runs()) run.finish()
    await untilTrue(() => Promise.resolve(fleet.flatMap(({ settled }) => settled).length === 5))
    for (const { settled, failures } of fleet) {
      expect(failures).toEqual([])
      expect(settled.every(({ outcome }) => outcome === 'completed')).toBe(true)
    }
    expect(runs()).toHaveLength(5)
  })
})
