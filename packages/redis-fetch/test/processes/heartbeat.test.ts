import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { raiseGhost } from './ghost.ts'
import { fixturePrograms } from './programs.ts'
import { redisMonitor } from './redis-monitor.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()
const LEASE_MS = 1500

describe.skipIf(reason)(`a blocked event loop${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)(
    '%s: the thread renews the lease, and says that it is stalled',
    async (layout) => {
      const fleet = testFleet(redis, layout, program('worker'))
      const { log } = fleet
      const monitor = await redisMonitor(redis.server())
      const released = fleet.file('released')
      const keeper = await fleet.start({ leaseMs: LEASE_MS, queues: ['haunted'] })
      const [id = ''] = await fleet.enqueue([{ do: 'block', until: released }])
      const worker = await fleet.start({ leaseMs: LEASE_MS })
      await worker.runs(id)
      // `lua] "HSET" "...worker:<identity>" "stalledMs" "<ms>"`
      await monitor.until((line) => {
        const [, ms] = /"stalledMs" "(\d+)"/.exec(line) ?? []
        return line.includes(worker.identity) && Number(ms) > 2 * LEASE_MS
      })
      // The keeper passes verdicts by now, and none on the worker.
      const haunted = await raiseGhost(fleet)
      await log.until(() => log.ids('completed').has(haunted))
      expect(await fleet.isFenced(worker.identity)).toBe(false)
      const { workers, keeper: elected } = await fleet.queue.status()
      expect(elected).toBe(keeper.identity)
      expect(workers.find(({ identity }) => identity === worker.identity)).toMatchObject({
        state: 'stalled',
        jobs: [{ id }],
      })
      const stalled = workers.find(({ identity }) => identity === worker.identity)
      expect(stalled?.stalledMs).toBeGreaterThan(2 * LEASE_MS)

      const ended = monitor.until((line) => /"stalledMs" "0"/.test(line))
      writeFileSync(released, '')
      await log.until(() => log.ids('completed').has(id))
      expect(log.lines('completed')).toContainEqual({ what: 'completed', id, by: worker.identity })
      expect(await ended).toContain(worker.identity)
      expect(await fleet.left()).toBe(0)
    },
  )

  it.each(LAYOUTS)('%s: the loop does not: declared dead, late, and out', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, oracle } = fleet
    const monitor = await redisMonitor(redis.server())
    const released = fleet.file('released')
    await fleet.start({ leaseMs: LEASE_MS, queues: ['haunted'] })
    const [id = ''] = await fleet.enqueue([{ do: 'block', until: released }])
    const worker = await fleet.start({ leaseMs: LEASE_MS, heartbeat: 'loop' })
    const leaves = monitor.until(
      (line) => line.includes('"ZREM"') && line.includes(worker.identity),
    )
    await worker.runs(id)
    await leaves
    expect(await fleet.isFenced(worker.identity)).toBe(true)
    expect(await oracle.available()).toEqual([id])

    writeFileSync(released, '')
    expect(await worker.exited).toEqual({ code: 1, signal: null })
    expect(worker.events).toContainEqual({ event: 'failed', code: 'FENCED' })
    // Its handler came to its end; its acknowledgement did not.
    expect(log.lines('done')).toEqual([{ what: 'done', id, by: worker.identity }])
    expect(log.lines('fenced')).toEqual([{ what: 'fenced', id, by: worker.identity }])
    expect(await oracle.available()).toEqual([id])
    const next = await fleet.start()
    await log.until(() => log.ids('completed').has(id))
    expect(log.lines('completed')).toEqual([{ what: 'completed', id, by: next.identity }])
    expect(await fleet.left()).toBe(0)
  })
})
