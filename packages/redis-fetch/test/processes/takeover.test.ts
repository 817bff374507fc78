import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { fixturePrograms } from './programs.ts'
import { redisMonitor } from './redis-monitor.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`without a notice${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)('%s: the surviving worker recovers by the lease', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, oracle } = fleet
    const victim = await fleet.start({ leaseMs: 1000 })
    const ids = await fleet.enqueue([1, 2, 3].map(() => ({ do: 'hold', once: true })))
    for (const id of ids) await victim.runs(id)
    const survivor = await fleet.start({ leaseMs: 1000 })
    const monitor = await redisMonitor(redis.server())
    const forgotten = monitor.until(
      (line) => line.includes('"ZREM"') && line.includes(victim.identity),
    )
    await victim.kill()
    expect((await oracle.held(victim.identity)).toSorted()).toEqual(ids.toSorted())
    await log.until(() => ids.every((id) => log.ids('completed').has(id)))
    expect(log.lines('completed').map(({ by }) => by)).toEqual(ids.map(() => survivor.identity))
    expect(await fleet.isFenced(victim.identity)).toBe(true)
    await forgotten
    expect(await oracle.registered()).toEqual([survivor.identity])
    expect(await fleet.left()).toBe(0)
  })

  it.each(LAYOUTS)(
    '%s: a successor of the same name recovers before its first claim',
    async (layout) => {
      const fleet = testFleet(redis, layout, program('worker'))
      const { log, keys, oracle } = fleet
      const victim = await fleet.start({ name: 'worker-1' })
      const ids = await fleet.enqueue([1, 2, 3].map(() => ({ do: 'hold', once: true })))
      for (const id of ids) await victim.runs(id)
      const [work = '', recovering = work] = keys.held(victim.identity)
      await victim.kill()
      const monitor = await redisMonitor(redis.server())
      // By its lease, of a minute, it would be alive.
      const successor = await fleet.start({ name: 'worker-1' })
      await log.until(() => ids.every((id) => log.ids('completed').has(id)))
      const [own = ''] = keys.held(successor.identity)
      const removed = monitor.lines.map((line) => line.includes(`"LREM" "${recovering}"`))
      const claims = monitor.lines.map((line) => /"LMOVE"/.test(line) && line.includes(`"${own}"`))
      expect(removed.filter(Boolean)).toHaveLength(ids.length)
      expect(claims.indexOf(true)).toBeGreaterThan(removed.lastIndexOf(true))
      expect(await oracle.registered()).toEqual([successor.identity])
      expect(await fleet.left()).toBe(0)
    },
  )

  it.each(LAYOUTS)('%s: a second copy of a living name leaves the first alone', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, oracle } = fleet
    const first = await fleet.start({ name: 'worker-1', concurrency: 1 })
    const [held = ''] = await fleet.enqueue([{ do: 'hold' }])
    await first.runs(held)
    const copy = await fleet.start({ name: 'worker-1' })
    const [other = ''] = await fleet.enqueue([{ do: 'work', ms: 0 }])
    await log.until(() => log.ids('completed').has(other))
    expect(await fleet.isFenced(first.identity)).toBe(false)
    expect(await oracle.held(first.identity)).toEqual([held])
    first.tell({ finish: held })
    await log.until(() => log.ids('completed').has(held))
    expect(log.lines('completed')).toEqual([
      { what: 'completed', id: other, by: copy.identity },
      { what: 'completed', id: held, by: first.identity },
    ])
    expect(await fleet.left()).toBe(0)
  })
})
