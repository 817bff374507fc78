import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../test/redis/redis-binary.ts'
import { scene } from './scene.ts'

const reason = withoutRedis()
/** Six programs start in a test, on a machine that may be busy. */
const HANG_MS = 180_000
const skipped = reason ? ` (skipped: ${reason})` : ''
const invoices = (count: number) =>
  Array.from({ length: count }, (_, index) => `invoice-${index + 1}`).toSorted()

describe.skipIf(reason)(`the application before${skipped}`, () => {
  it('runs every job once, and stops when it is asked to', async () => {
    const { start, produce, done, fields } = await scene()
    await produce(12, 100)
    const worker = await start('before/worker')
    const ran = await done(12)
    expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(ran.begins.toSorted()).toEqual(invoices(12))
    expect(ran.done.toSorted()).toEqual(invoices(12))
    expect(await fields('completed', 'atm')).toEqual(Array.from({ length: 12 }, () => '1'))
  })
})

describe.skipIf(reason)(`the application after${skipped}`, { timeout: HANG_MS }, () => {
  it('runs the jobs of a killed worker again, without waiting for the stalled check', async () => {
    const { start, produce, pids, journal, done, fields } = await scene()
    const supervisor = await start('after/supervisor')
    const [pid = ''] = await pids(supervisor)
    await produce(8, 4000)
    const by = (what: string) =>
      journal.lines(what).flatMap((line) => (line.by === pid ? [line.id] : []))
    const cutOff = () => by('begins').filter((id) => !by('done').includes(id))
    await journal.until(() => cutOff().length > 0)
    process.kill(Number(pid), 'SIGKILL')
    const notice = await supervisor.untilLine(new RegExp(`:${pid}:.* is gone \\(signal\\): `))
    const again = cutOff()
    expect(notice).toMatch(/: [1-4] jobs put back$/)

    const ran = await done(8)
    expect(ran.done.toSorted()).toEqual(invoices(8))
    expect(ran.begins.toSorted()).toEqual([...invoices(8), ...again].toSorted())
    expect(await supervisor.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const all = (value: string | null) => Array.from({ length: 8 }, () => value)
    expect(await fields('completed', 'stc'), 'stalls that BullMQ found').toEqual(all(null))
    expect(await fields('completed', 'atm'), 'attempts').toEqual(all('1'))
  })

  it('recycles a worker at its memory limit, and runs every job once', async () => {
    const { start, produce, pids, done, fields } = await scene()
    const supervisor = await start('after/supervisor')
    await pids(supervisor)
    // Of 20 times 20 MB one worker gets at least half; all of it would stay below the hard limit.
    await produce(20, 500, 20)
    await supervisor.untilLine(/^worker \d leaves \(recycle\)$/)
    await supervisor.untilLine(/ is gone \(recycle\): 0 jobs put back$/)
    const ran = await done(20)
    expect(ran.begins.toSorted()).toEqual(invoices(20))
    expect(ran.done.toSorted()).toEqual(invoices(20))
    const deaths = supervisor.lines.filter((line) => line.includes(' is gone '))
    expect(deaths.filter((line) => !line.endsWith(' (recycle): 0 jobs put back'))).toEqual([])
    expect(await supervisor.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const once = Array.from({ length: 20 }, () => '1')
    expect(await fields('completed', 'atm'), 'attempts').toEqual(once)
    expect(await fields('completed', 'ats'), 'attempts begun').toEqual(once)
  })

  it('hands back what cannot end before a stop, and charges neither an attempt nor a stall', async () => {
    const { start, produce, shorten, pids, journal, done, fields } = await scene()
    const first = await start('after/supervisor')
    await pids(first)
    await produce(8, 3_600_000)
    await journal.until(() => journal.ids('begins').size === 8)
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(journal.lines('done')).toEqual([])
    expect((await fields('wait', 'name')).map(String).toSorted()).toEqual(invoices(8))
    const all = (value: string | null) => Array.from({ length: 8 }, () => value)
    expect(await fields('wait', 'ats'), 'attempts begun').toEqual(all('0'))
    expect(await fields('wait', 'stc'), 'stalls').toEqual(all(null))
    expect(await fields('wait', 'failedReason')).toEqual(all(null))

    await shorten('wait', 100)
    const second = await start('after/supervisor')
    expect((await done(8)).done.toSorted()).toEqual(invoices(8))
    expect(await second.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(await fields('completed', 'atm'), 'attempts').toEqual(all('1'))
  })
})
