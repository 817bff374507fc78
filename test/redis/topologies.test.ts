import { describe, expect, it, onTestFinished } from 'vitest'
import { startCluster } from './cluster.ts'
import { withoutRedis } from './redis-binary.ts'
import { startSentinelSet } from './sentinel.ts'

const reason = withoutRedis()
const skipped = reason ? ` (skipped: ${reason})` : ''

describe.skipIf(reason)(`a cluster${skipped}`, () => {
  it('moves a slot with its keys, and asks while it does', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const raws = await Promise.all(cluster.nodes.map((node) => node.raw()))
    for (const raw of raws) expect(await raw.text('CLUSTER', 'INFO')).toMatch('cluster_state:ok')

    const keys = Array.from({ length: 2500 }, (_, index) => `{tag}:${index}`)
    const from = await cluster.ownerOf('{tag}')
    const to = (from + 1) % 3
    const third = (from + 2) % 3
    await raws[from]!.pipeline(keys.map((key) => ['SET', key, `value of ${key}`]))
    await expect(raws[to]!.command('GET', keys[0]!)).rejects.toMatchObject({ code: 'MOVED' })

    const move = await cluster.openSlotOf('{tag}', to)
    expect(await raws[from]!.text('GET', keys[0]!)).toBe(`value of ${keys[0]}`)
    await expect(raws[from]!.command('GET', '{tag}:none')).rejects.toMatchObject({ code: 'ASK' })
    await move.moveKeys()
    await expect(raws[from]!.command('GET', keys[0]!)).rejects.toMatchObject({ code: 'ASK' })
    await move.finish()

    expect(await cluster.ownerOf('{tag}')).toBe(to)
    const moved = { message: `MOVED ${move.slot} 127.0.0.1:${cluster.ports[to]}` }
    for (const node of [from, third]) {
      await expect(raws[node]!.command('GET', keys[0]!)).rejects.toMatchObject(moved)
    }
    const values = await raws[to]!.pipeline(keys.map((key) => ['GET', key]))
    expect(values.map(String)).toEqual(keys.map((key) => `value of ${key}`))

    await cluster.migrateSlotOf('{tag}', third)
    expect(await raws[third]!.text('GET', keys[0]!)).toBe(`value of ${keys[0]}`)
  })

  it('serves again when a node is back', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const [node] = cluster.nodes
    await node!.restart()
    await node!.untilLine(/Cluster state changed: ok/)
    expect(await cluster.ownerOf('key')).toBeGreaterThanOrEqual(0)
  })
})

describe.skipIf(reason)(`a set of sentinels${skipped}`, () => {
  it('promotes the replica when asked', async () => {
    const set = await startSentinelSet()
    onTestFinished(() => set.stop())
    const [before, after] = [set.primary(), set.replica()]
    const raw = await before.raw()
    await raw.command('SET', 'key', 'value')
    expect(await raw.command('WAIT', 1, 0)).toBe(1)

    await set.failover()
    expect([set.primary(), set.replica()]).toEqual([after, before])
    const promoted = await after.raw()
    expect(await promoted.text('GET', 'key')).toBe('value')
    expect(await promoted.text('ROLE')).toContain('master')
  })

  it('promotes the replica when the primary is killed', async () => {
    const set = await startSentinelSet()
    onTestFinished(() => set.stop())
    const [before, after] = [set.primary(), set.replica()]
    const switched = set.switched()
    await before.kill()
    await switched
    expect([set.primary(), set.replica()]).toEqual([after, before])
    expect(await (await after.raw()).text('ROLE')).toContain('master')
  })
})
