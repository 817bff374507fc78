import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { withoutSidekiq } from '../../../../test/redis/sidekiq.ts'
import { membersOf } from '../faults/fault-scene.ts'
import { fixturePrograms } from '../processes/programs.ts'
import { rubyFleet } from './ruby-fleet.ts'

const reason = withoutRedis() ?? withoutSidekiq()
const JOBS = 300
const CONCURRENCY = 4

describe.skipIf(reason)(`Ruby and Node.js together${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const program = fixturePrograms()

  it(`${JOBS} jobs, kills on both sides, both cleanups: lost 0, doubled only what was cut off`, async () => {
    const fleet = await rubyFleet()
    const { log, raw } = fleet
    const node = () =>
      fleet.node(program('worker'), {
        concurrency: CONCURRENCY,
        leaseMs: 3000,
        adoptMs: 1000,
        maxInterruptions: 1000,
      })
    const ruby = (cleans = false) =>
      fleet.ruby({
        concurrency: CONCURRENCY,
        cleans,
        options: { max_retries_after_interruption: 1000 },
      })
    const payload = [{ do: 'work', ms: 10 }]
    const half = await fleet.queue.enqueueMany(
      Array.from({ length: JOBS / 2 }, () => ({ name: 'Paint', payload })),
    )
    const others = fleet.client(
      `${JOBS / 2}.times { puts Paint.perform_async({ "do" => "work", "ms" => 10 }) }`,
    )
    const ids = [...half.map(({ id }) => id), ...others.split('\n')]
    expect(new Set(ids).size).toBe(JOBS)

    const killed = new Set<string>()
    const ranBy = (identity: string) => log.lines('run').filter(({ by }) => by === identity).length
    const victims = await Promise.all([node(), ruby(), node(), ruby()])
    await Promise.all(
      victims.map(async (victim, index) => {
        await log.until(() => ranBy(victim.identity) > 5 + 5 * index)
        await victim.kill()
        killed.add(victim.identity)
        await fleet.age(victim.identity)
      }),
    )
    const survivors = await Promise.all([node(), ruby(true)])
    await log.until(() => ids.every((id) => log.ids('done').has(id)))

    for (const survivor of survivors) await survivor.kill('SIGTERM')
    const last = new Map(log.lines('run').map((run) => [run.id, run]))
    const repeated = log.lines('run').filter((run) => last.get(run.id) !== run)
    expect(repeated.filter(({ by }) => !killed.has(by))).toEqual([])
    expect(repeated.length).toBeLessThanOrEqual(victims.length * CONCURRENCY)
    expect(log.ids('run')).toEqual(new Set(ids))
    for (const key of ['queue:default', 'retry', 'schedule', 'dead', 'interrupted']) {
      expect(await membersOf(raw, key)).toEqual([])
    }
    expect(await raw.text('KEYS', 'working:*')).toEqual([])
    expect(await raw.text('KEYS', 'wr:suspects:*')).toEqual([])
    expect(log.lines('failed')).toEqual([])
  })
})
