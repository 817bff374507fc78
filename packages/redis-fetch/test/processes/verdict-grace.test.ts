import { describe, expect, it, onTestFinished } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { startRedis } from '../../../../test/redis/redis-server.ts'
import { startProxy } from '../../../../test/redis/tcp-proxy.ts'
import { TEND } from '../../src/scripts/registration.ts'
import { raiseGhost } from './ghost.ts'
import { fixturePrograms } from './programs.ts'
import { redisMonitor } from './redis-monitor.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()
/** Three looks of the keeper, of which the last leaves the others time to come back. */
const LEASE_MS = 3600

describe.skipIf(reason)(`verdict grace${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const program = fixturePrograms()

  const ownServer = async () => {
    const server = await startRedis({ aof: true })
    onTestFinished(() => server.stop())
    return { server, raw: await server.raw() }
  }

  it.each(LAYOUTS)('%s: after a restart of the server nobody is declared dead', async (layout) => {
    const { server, raw } = await ownServer()
    const redis = { raw: () => raw, url: () => server.url }
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, keys } = fleet
    const options = { leaseMs: LEASE_MS, queues: ['default', 'haunted'], concurrency: 2 } as const
    const keeper = await fleet.start(options)
    const others = await Promise.all([1, 2].map(() => fleet.start(options)))
    const workers = [keeper, ...others]
    const ids = await fleet.enqueue([1, 2, 3].map(() => ({ do: 'hold' })))
    await log.until(() => log.ids('run').size === ids.length)

    // One of them is late to come back.
    const [late] = others
    late?.child.kill('SIGSTOP')
    await server.restart()
    const after = await server.raw()
    for (const { identity } of workers) {
      // As after an outage of any length: by the register everybody is dead.
      await after.command('ZADD', keys.workers, 'XX', 1, identity)
    }
    const monitor = await redisMonitor(server)
    const looks = (line: string) => line.includes(TEND.sha1) && line.includes(keeper.identity)
    await monitor.until(looks)
    // With the next look the first is over, and what it led to.
    await monitor.until(looks)
    for (const { identity } of workers) expect(await fleet.isFenced(identity, after)).toBe(false)
    late?.child.kill('SIGCONT')
    const ghost = await raiseGhost(fleet, after)
    // The keeper passes verdicts again.
    await log.until(() => log.ids('completed').has(ghost))
    for (const { identity } of workers) expect(await fleet.isFenced(identity, after)).toBe(false)
    for (const id of ids) for (const worker of workers) worker.tell({ finish: id })
    await log.until(() => ids.every((id) => log.ids('completed').has(id)))
    const runs = log.lines('run').filter(({ id }) => ids.includes(id))
    expect(runs).toHaveLength(ids.length)
    expect(log.lines('completed')).toHaveLength(ids.length + 1)
    for (const worker of workers) {
      expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    }
  })

  it('a judge that was stopped itself passes no verdict when it wakes', async () => {
    const { server, raw } = await ownServer()
    const redis = { raw: () => raw, url: () => server.url }
    const fleet = testFleet(redis, 'native', program('worker'))
    const { log, keys, oracle } = fleet
    const proxy = await startProxy(server)
    onTestFinished(() => proxy.stop())
    const keeper = await fleet.start({
      leaseMs: 2400,
      url: `redis://127.0.0.1:${proxy.port}`,
      queues: ['haunted'],
    })
    const other = await fleet.start({ leaseMs: 1500 })
    const [id = ''] = await fleet.enqueue([{ do: 'hold' }])
    await other.runs(id)
    // It passes verdicts before.
    const first = await raiseGhost(fleet)
    await log.until(() => log.ids('completed').has(first))

    keeper.child.kill('SIGSTOP')
    other.child.kill('SIGSTOP')
    // Waits at the server until the other's lease has run out by the server's own clock.
    await raw.command('BLPOP', `${fleet.prefix}:nothing`, 2)
    const [seconds, micros] = (await raw.text('TIME')) as string[]
    const deadline = Number(await raw.text('ZSCORE', keys.workers, other.identity))
    expect(deadline).toBeLessThan(Number(seconds) * 1000 + Number(micros) / 1000)
    const looks = proxy.onRequest((request) => request.includes(TEND.sha1))
    keeper.child.kill('SIGCONT')
    await looks
    // With the next look the first is over, and what it led to.
    await proxy.onRequest((request) => request.includes(TEND.sha1))
    expect(await fleet.isFenced(other.identity)).toBe(false)
    expect(await oracle.held(other.identity)).toEqual([id])
    other.child.kill('SIGCONT')
    const second = await raiseGhost(fleet)
    await log.until(() => log.ids('completed').has(second))
    expect(await fleet.isFenced(other.identity)).toBe(false)
    expect(await fleet.isFenced(keeper.identity)).toBe(false)
    other.tell({ finish: id })
    await log.until(() => log.ids('completed').has(id))
    expect(log.lines('completed').at(-1)).toEqual({ what: 'completed', id, by: other.identity })
  })
})
