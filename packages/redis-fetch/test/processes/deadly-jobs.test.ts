import { writeFileSync } from 'node:fs'
import type { DeathCause } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import type { Noted } from './job-log.ts'
import { fixturePrograms } from './programs.ts'
import { LAYOUTS, testFleet, type TestFleet } from './test-fleet.ts'

const reason = withoutRedis()

/** A worker that a job kills, and the notice of its death. */
async function dieOnce(fleet: TestFleet, cause: DeathCause): Promise<void> {
  const worker = await fleet.start()
  expect(await worker.exited).toEqual({ code: null, signal: 'SIGKILL' })
  await fleet.bury(worker, cause)
}

/** What else ran in the same process between the begin of a run and its end, if it has one. */
function besides(lines: readonly Noted[], id: string, by: string): readonly string[] {
  const own = lines.filter((each) => each.by === by && each.what !== 'completed')
  const begin = own.findIndex((each) => each.what === 'run' && each.id === id)
  const end = own.findIndex((each) => each.what === 'done' && each.id === id)
  const open = new Set<string>()
  for (const { what, id: other } of own.slice(0, begin)) {
    if (what === 'run') open.add(other)
    else open.delete(other)
  }
  const within = own.slice(begin + 1, end === -1 ? own.length : end)
  return [...open, ...within.map(({ id: other }) => other)]
}

describe.skipIf(reason)(`deadly jobs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)('%s: killed by a signal runs three times, then is put aside', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const [id = ''] = await fleet.enqueue([{ do: 'kill' }])
    for (let round = 0; round < 3; round += 1) {
      expect(await fleet.oracle.quarantined()).toEqual([])
      await dieOnce(fleet, 'signal')
    }
    expect(fleet.log.lines('run').map((line) => line.id)).toEqual([id, id, id])
    expect(await fleet.oracle.quarantined()).toEqual([id])
    expect(await fleet.left()).toBe(1)
    expect(await fleet.queue.quarantine.show(id)).toMatchObject({ interruptions: 3, blamed: 3 })
  })

  it.each(LAYOUTS)('%s: out of memory alone: once more, isolated, then aside', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const [id = ''] = await fleet.enqueue([{ do: 'kill' }])
    await dieOnce(fleet, 'memory')
    expect(await fleet.oracle.available()).toEqual([id])
    await dieOnce(fleet, 'memory')
    expect(fleet.log.lines('run').map((line) => line.id)).toEqual([id, id])
    expect(await fleet.oracle.quarantined()).toEqual([id])
    expect(await fleet.left()).toBe(1)
  })

  it.each(LAYOUTS)('%s: out of memory among others: suspects run alone', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, oracle, queue } = fleet
    const safe = fleet.file('safe')
    const suspects = await fleet.enqueue([
      { do: 'hold', once: true },
      { do: 'kill', fromRun: 2, unless: safe },
      { do: 'hold', once: true },
      { do: 'hold', once: true },
    ])
    const [, culprit = ''] = suspects
    const first = await fleet.start()
    for (const id of suspects) await first.runs(id)
    await first.kill()
    await fleet.bury(first, 'memory')
    const others = await fleet.enqueue(
      Array.from({ length: 40 }, (_, n) => ({ do: 'work', ms: n % 7 })),
    )

    // It takes what is ordinary as well; one of the suspects kills it, alone.
    const second = await fleet.start({ leaseMs: 1000 })
    expect((await second.exited).signal).toBe('SIGKILL')
    await fleet.bury(second, 'memory')
    expect(await oracle.quarantined()).toEqual([culprit])
    expect(besides(log.lines(), culprit, second.identity)).toEqual([])

    const third = await fleet.start({ leaseMs: 1000 })
    const all = [...suspects, ...others].filter((id) => id !== culprit)
    await log.until(() => all.every((id) => log.ids('completed').has(id)))
    expect(log.lines('completed')).toHaveLength(all.length)
    expect(await fleet.left()).toBe(1)
    const isolated = log
      .lines('run')
      .filter(({ id, by }) => suspects.includes(id) && by !== first.identity)
    expect(isolated.flatMap(({ id, by }) => besides(log.lines(), id, by))).toEqual([])
    expect(isolated).toHaveLength(suspects.length)
    expect(log.lines('run').filter(({ id }) => id === culprit)).toHaveLength(2)

    writeFileSync(safe, '')
    expect(await queue.quarantine.release(culprit)).toBe(true)
    await log.until(() => log.ids('completed').has(culprit))
    expect(await fleet.left()).toBe(0)
    expect(log.lines('completed').filter(({ id }) => id === culprit)).toEqual([
      { what: 'completed', id: culprit, by: third.identity },
    ])
    expect(besides(log.lines(), culprit, third.identity)).toEqual([])
  })
})
