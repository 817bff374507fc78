import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { expectAllDoneOnce } from './audit.ts'
import { fixturePrograms } from './programs.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()
const JOBS = 1000
const WORKERS = 10

describe.skipIf(reason)(`at half time${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)(
    `%s: ${JOBS} jobs, ${WORKERS} workers, 5 killed, 5 stopped: lost 0, completed twice 0`,
    async (layout) => {
      const fleet = testFleet(redis, layout, program('worker'))
      const { log } = fleet
      const starting = () =>
        Promise.all(Array.from({ length: WORKERS }, () => fleet.start({ heartbeat: 'loop' })))
      const first = await starting()
      const ids = await fleet.enqueue(
        Array.from({ length: JOBS }, (_, n) => ({ do: 'work', ms: 10 + (n % 50) })),
      )
      await log.until(() => log.ids('done').size >= JOBS / 2)
      const [killed, stopped] = [first.slice(0, 5), first.slice(5)]
      const ends = await Promise.all([
        ...killed.map((worker) => worker.kill('SIGKILL')),
        ...stopped.map((worker) => worker.kill('SIGTERM')),
      ])
      expect(ends.map(({ code, signal }) => code ?? signal)).toEqual([
        ...killed.map(() => 'SIGKILL'),
        ...stopped.map(() => 0),
      ])
      const atKill = log.lines('run').length - log.lines('done').length
      expect(log.ids('done').size).toBeLessThan(JOBS)

      const second = await starting()
      await Promise.all(killed.map((worker) => fleet.bury(worker, 'signal')))
      await log.until(async () => (await fleet.left()) === 0)
      const last = await Promise.all(second.map((worker) => worker.kill('SIGTERM')))
      expect(last).toEqual(second.map(() => ({ code: 0, signal: null })))

      const dead = new Set(killed.map(({ identity }) => identity))
      await expectAllDoneOnce(fleet, ids, dead)
      // What was done and not yet acknowledged at the kill may be done again, and nothing else.
      const again = log.lines('run').length - JOBS
      expect(again).toBeGreaterThanOrEqual(atKill)
      expect(again).toBeLessThanOrEqual(killed.length * 4)
    },
  )
})
