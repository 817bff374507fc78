import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../../test/redis/shared-redis.ts'
import { fixturePrograms } from './programs.ts'
import { LAYOUTS, testFleet } from './test-fleet.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`a zombie${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const redis = sharedRedis()
  const program = fixturePrograms()

  it.each(LAYOUTS)('%s: what it does late changes nothing, and it leaves', async (layout) => {
    const fleet = testFleet(redis, layout, program('worker'))
    const { log, oracle } = fleet
    const zombie = await fleet.start({ leaseMs: 1500, concurrency: 3 })
    const [first = '', second = ''] = await fleet.enqueue([{ do: 'hold' }, { do: 'hold' }])
    await zombie.runs(first)
    await zombie.runs(second)
    const heir = await fleet.start({ leaseMs: 1500, concurrency: 1 })
    zombie.child.kill('SIGSTOP')
    // It becomes the keeper, recovers both, and has room for one of them.
    await heir.until(({ event }) => event === 'entered')
    const [running = ''] = await oracle.held(heir.identity)
    const waiting = running === first ? second : first
    const [later = ''] = await fleet.enqueue([{ do: 'work', ms: 0 }])
    expect((await oracle.available()).toSorted()).toEqual([waiting, later].toSorted())

    zombie.tell({ finish: first })
    zombie.tell({ finish: second })
    zombie.child.kill('SIGCONT')
    expect(await zombie.exited).toEqual({ code: 1, signal: null })
    expect(zombie.events).toContainEqual({ event: 'failed', code: 'FENCED' })
    // Its handlers ran to their ends, late; the jobs lie where they lay.
    const late = log.lines('done').filter(({ by }) => by === zombie.identity)
    expect(late.map(({ id }) => id).toSorted()).toEqual([first, second].toSorted())
    expect(await oracle.held(heir.identity)).toEqual([running])
    expect((await oracle.available()).toSorted()).toEqual([waiting, later].toSorted())
    expect(await oracle.registered()).toEqual([heir.identity])

    heir.tell({ finish: running })
    await heir.runs(waiting)
    heir.tell({ finish: waiting })
    await log.until(() => log.lines('completed').length >= 3)
    expect(await fleet.left()).toBe(0)
    expect(
      log
        .lines('completed')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([first, second, later].toSorted())
    expect(new Set(log.lines('completed').map(({ by }) => by))).toEqual(new Set([heir.identity]))
  })
})
