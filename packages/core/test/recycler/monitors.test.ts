import { describe, expect, it } from 'vitest'
import type { Policy, Verdict } from '../../src/contracts/policy.ts'
import { defaultPolicy } from '../../src/policies/default-policy.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { faulty } from '../../src/testing/faulty.ts'
import { scriptedMonitor } from '../../src/testing/scripted-monitor.ts'
import { working } from './bench.ts'
import { handMonitor } from './hand-monitor.ts'
import { levelPolicy } from './level-policy.ts'
import { pressing } from './pressing.ts'

/** A worker under two monitors. */
async function watchedTwice() {
  const [first, second] = [handMonitor('first'), handMonitor('second')]
  const held = [{ code: 'breaker', message: 'for a test' }]
  const table = await working([], {
    monitors: [first, second],
    policy: levelPolicy(() => held),
  })
  const read = async (monitor: typeof first, usedBytes: number) => {
    monitor.read(usedBytes)
    await table.clock.advance(0)
  }
  return { ...table, first, second, read }
}

describe('several monitors', () => {
  it('are judged together: one that is calm does not cancel the other', async () => {
    const { recycler, first, second, read } = await watchedTwice()
    await read(first, 850)
    await read(second, 100)
    expect(recycler.phase).toBe('held')
    await read(first, 100)
    expect(recycler.phase).toBe('running')
  })

  it('that agree make one verdict, told once', async () => {
    const { all, first, second, read } = await watchedTwice()
    for (let times = 0; times < 3; times++) {
      await read(first, 750)
      await read(second, 760)
    }
    expect(all('verdict:reached')).toHaveLength(1)
    expect(all('verdict:reached')[0]?.reading.monitor).toBe('first')
  })

  it('go on when one of them throws: it is reported, and what it wanted is forgotten', async () => {
    const { recycler, first, second, read, all, clock } = await watchedTwice()
    const error = new Error('no such file')
    await read(first, 850)
    await read(second, 750)
    first.end(error)
    await clock.advance(0)
    expect(all('monitor:failed')).toEqual([{ monitor: 'first', error }])
    expect(recycler.phase).toBe('elevated')
    await read(second, 930)
    expect(recycler.phase).toBe('exited')
  })

  it('that all have ended leave the worker calm, and say so', async () => {
    const { recycler, first, clock, last, read } = await watchedTwice()
    await read(first, 850)
    first.end()
    await clock.advance(0)
    expect(last('monitor:failed').error).toMatchObject({ code: 'ADAPTER_FAILED' })
    expect(recycler.phase).toBe('running')
    expect(last('verdict:reached').verdict).toMatchObject({
      action: 'keep',
      reasons: [{ code: 'monitor_failed' }],
    })
  })

  it('are let go of when the worker leaves', async () => {
    const { recycler, first, second } = await watchedTwice()
    expect([first.open, second.open]).toEqual([1, 1])
    await recycler.stop()
    expect([first.open, second.open]).toEqual([0, 0])
  })
})

describe('a monitor that hangs', () => {
  it('holds up neither the start nor the leaving', async () => {
    const clock = fakeClock()
    const hang = { watch: { kind: 'hang', until: 'never' } } as const
    const { adapter } = faulty(handMonitor(), hang, { clock })
    const { recycler, all } = await working([], { clock, monitors: [adapter] })
    await recycler.stop()
    expect(clock.nowMs()).toBe(0)
    expect(all('monitor:failed')).toEqual([])
  })
})

describe('a policy', () => {
  it('that throws is reported once, until it works again; memory is not judged meanwhile', async () => {
    const clock = fakeClock()
    const { adapter, up, down } = faulty(levelPolicy(), { judge: { kind: 'fail' } }, { clock })
    const { press, recycler, failedCalls } = await pressing([], { clock, policy: adapter })
    for (const used of [850, 860, 870]) await press(used)
    expect(recycler.phase).toBe('running')
    expect(failedCalls()).toEqual(['level.judge'])
    up()
    await press(750)
    expect(recycler.phase).toBe('elevated')
    down()
    await press(850)
    expect(failedCalls()).toEqual(['level.judge', 'level.judge'])
    up()
    await press(850)
    expect(recycler.phase).toBe('exited')
  })

  for (const [what, answer] of [
    ['nothing', undefined],
    ['a promise', Promise.resolve({ action: 'keep', reasons: [] })],
    ['an action that is none', { action: 'panic', reasons: [] }],
  ] as const) {
    it(`that answers with ${what} is reported, and does no harm to later judgements`, async () => {
      const sound = levelPolicy()
      const policy: Policy = {
        ...sound,
        judge: (reading, context) =>
          reading.usedBytes === 1 ? (answer as unknown as Verdict) : sound.judge(reading, context),
      }
      const { press, recycler, last } = await pressing([], { policy })
      await press(1)
      expect(last('adapter:failed')).toMatchObject({ adapter: 'level', call: 'judge' })
      expect(recycler.phase).toBe('running')
      await press(850)
      expect(recycler.phase).toBe('exited')
    })
  }
})

describe('the default policy on a recorded trace', () => {
  /** One reading a second at this share of the limit of 1,000 bytes. */
  const steady = (usedBytes: number, count: number) =>
    Array.from({ length: count }, () => usedBytes)

  it('holds a soft recycle for the minimum uptime, then for a quiet moment, then recycles', async () => {
    const monitor = scriptedMonitor(steady(850, 700))
    const policy = defaultPolicy({ jitter: 0, ineffective: false, forecast: false })
    const { all, since, reach } = await working(['endless'], { monitors: [monitor], policy })
    await reach('draining', 10_000)
    const held = new Set(
      all('recycle:held').flatMap(({ heldBy }) => heldBy.map(({ code }) => code)),
    )
    expect(held).toContain('minimum_uptime')
    expect(since('requested')).toBeGreaterThanOrEqual(300_000)
  })

  it('tells once that the limit is too low for a fresh process, and goes on working', async () => {
    const monitor = scriptedMonitor([...steady(850, 400)])
    const policy = defaultPolicy({ jitter: 0, forecast: false })
    const { all, recycler, clock } = await working([], { monitors: [monitor], policy })
    await clock.advance(390_000)
    expect(recycler.phase).toBe('held')
    expect(all('limit:found-too-low')).toHaveLength(1)
    expect(all('limit:found-too-low')[0]?.reasons.map(({ code }) => code)).toContain(
      'limit_below_baseline',
    )
  })

  it('is not moved by jumps of the wall clock', async () => {
    const monitor = scriptedMonitor(steady(850, 700))
    const policy = defaultPolicy({ jitter: 0, ineffective: false, forecast: false })
    const { clock, since, reach } = await working([], { monitors: [monitor], policy })
    await clock.advance(100_000)
    clock.jumpEpoch(-86_400_000)
    await clock.advance(100_000)
    clock.jumpEpoch(172_800_000)
    await reach('exited', 10_000)
    expect(since('requested')).toBe(300_000)
  })
})
