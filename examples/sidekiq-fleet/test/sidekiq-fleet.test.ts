import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { withoutSidekiq } from '../../../test/redis/sidekiq.ts'
import { type Scene, scene } from './scene.ts'

const reason = withoutRedis() ?? withoutSidekiq()
const MS = 4000
/** Six programs start in a test, on a machine that may be busy. */
const HANG_MS = 180_000

/** What a process has begun and not done. */
function cutOff({ journal }: Scene, by: string): readonly string[] {
  const of = (what: string) => journal.lines(what).filter((line) => line.by === by)
  const done = new Set(of('done').map(({ id }) => id))
  return of('begins').flatMap(({ id }) => (done.has(id) ? [] : [id]))
}

/** Waits until all is done, and expects that only what was cut off began twice. */
async function expectOnce(fleet: Scene, images: readonly string[], again: readonly string[]) {
  const { journal, raw } = fleet
  await journal.until(() => journal.ids('done').size === images.length)
  const ids = (what: string) =>
    journal
      .lines(what)
      .map(({ id }) => id)
      .toSorted()
  expect(ids('done')).toEqual(images.toSorted())
  expect(ids('begins')).toEqual([...images, ...again].toSorted())
  expect(await raw.text('LLEN', 'queue:default')).toBe(0)
}

describe.skipIf(reason)(
  `Ruby and Node.js${reason ? ` (skipped: ${reason})` : ''}`,
  { timeout: HANG_MS },
  () => {
    it('our workers run what a killed worker of Ruby held', async () => {
      const fleet = await scene()
      const { journal, ruby, node, produce, age, raw } = fleet
      const victim = await ruby()
      // Enough that it is still busy when our workers have come.
      const images = await produce(8, MS)
      const { supervisor } = await node()
      const name = `ruby-${victim.pid}`
      await journal.until(() => cutOff(fleet, name).length > 0)
      await victim.kill()
      const again = cutOff(fleet, name)
      await age(victim.pid)
      await expectOnce(fleet, images, again)
      const heirs = journal.lines('done').filter(({ id }) => again.includes(id))
      expect(heirs.map(({ by }) => by.split('-')[0])).toEqual(again.map(() => 'node'))
      expect(await supervisor.kill('SIGTERM')).toEqual({ code: 0, signal: null })
      expect(await raw.text('KEYS', 'working:*')).toEqual([])
    })

    it("Ruby's workers run what ours held when their host was lost", async () => {
      const fleet = await scene()
      const { journal, ruby, node, produce, age, raw } = fleet
      const [heir, { supervisor, pids }] = await Promise.all([ruby(), node()])
      const images = await produce(3, MS)
      const held = () => pids.map((pid) => cutOff(fleet, `node-${pid}`))
      await journal.until(() => held().flat().length > 0)
      // All at once, as far as that can be: nobody of ours is left to tell of a death.
      supervisor.signal('SIGSTOP')
      for (const pid of pids) process.kill(pid, 'SIGKILL')
      await supervisor.kill()
      const again = held().flat()
      for (const pid of pids) await age(pid)
      await expectOnce(fleet, images, again)
      const heirs = journal.lines('done').filter(({ id }) => again.includes(id))
      expect(heirs.map(({ by }) => by)).toEqual(again.map(() => `ruby-${heir.pid}`))
      await heir.kill('SIGTERM')
      expect(await raw.text('KEYS', 'working:*')).toEqual([])
    })

    it('our supervisor puts back at once what a killed worker of ours held', async () => {
      const fleet = await scene()
      const { journal, ruby, node, produce } = fleet
      const [, { supervisor, pids }] = await Promise.all([ruby(), node()])
      const images = await produce(3, MS)
      const busy = () => pids.find((pid) => cutOff(fleet, `node-${pid}`).length > 0)
      await journal.until(() => busy() !== undefined)
      const victim = busy() ?? 0
      process.kill(victim, 'SIGKILL')
      const notice = await supervisor.untilLine(new RegExp(`:${victim}:.* is gone \\(signal\\): `))
      const again = cutOff(fleet, `node-${victim}`)
      expect(notice).toMatch(new RegExp(`: ${again.length} jobs put back$`))
      await expectOnce(fleet, images, again)
    })
  },
)
