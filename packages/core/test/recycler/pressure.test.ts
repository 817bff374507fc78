import { describe, expect, it } from 'vitest'
import { bench } from './bench.ts'
import { pressing } from './pressing.ts'

describe('memory that is too high', () => {
  it('recycles the worker, and the ledger says what for', async () => {
    const { press, recycler, all, phases, last, exits } = await pressing(['endless'])
    await press(100)
    await press(850)
    expect(recycler.phase).toBe('draining')
    expect(phases.slice(2)).toEqual(['running', 'requested', 'quiescing', 'draining'])
    expect(all('recycle:requested')).toMatchObject([{ by: 'policy', urgency: 'soft' }])
    expect(last('leaving:started')).toMatchObject({
      leaving: 'recycle',
      reasons: [{ code: 'high' }],
    })
    expect(exits).toEqual([])
  })

  it('recycles at once when it is critical, without waiting for what holds a soft recycle', async () => {
    const { press, hold, recycler, phases, last } = await pressing()
    hold('minimum_uptime')
    await press(850)
    expect(recycler.phase).toBe('held')
    await press(930)
    expect(recycler.phase).toBe('exited')
    expect(phases).not.toContain('requested')
    expect(last('recycle:finished').ledger).toMatchObject({
      urgency: 'hard',
      reasons: [{ code: 'critical' }],
      beforeBytes: 930,
    })
  })

  it('aborts jobs when it turns critical during a soft drain', async () => {
    const { press, recycler, source, ids, clock, last, all, reach } = await pressing(['endless'])
    const context = source.running.get(ids[0] ?? '')
    await press(850)
    await press(860)
    expect(recycler.phase).toBe('draining')
    await press(930)
    expect(recycler.phase).toBe('aborting')
    expect(clock.nowMs()).toBe(0)
    expect(context?.signal.reason).toMatchObject({ reasons: [{ code: 'high' }] })
    // It is told, but not requested: the worker leaves already.
    expect(all('verdict:reached')).toHaveLength(2)
    expect(all('recycle:requested')).toHaveLength(1)
    await reach('exited', 50)
    expect(last('recycle:finished').ledger).toMatchObject({ urgency: 'hard', beforeBytes: 850 })
  })

  it('is elevated first, and calm again when it falls', async () => {
    const { press, phases, recycler } = await pressing()
    for (const used of [100, 750, 760, 100]) await press(used)
    expect(phases.slice(2)).toEqual(['running', 'elevated', 'running'])
    expect(recycler.phase).toBe('running')
  })
})

describe('a recycle that is held', () => {
  it('says why, and again when that changes', async () => {
    const { press, hold, all, recycler } = await pressing()
    hold('minimum_uptime')
    await press(850)
    await press(855)
    hold('minimum_uptime', 'quiet_moment')
    await press(850)
    hold('quiet_moment')
    await press(850)
    expect(all('recycle:held').map(({ heldBy }) => heldBy.map(({ code }) => code))).toEqual([
      ['minimum_uptime'],
      ['minimum_uptime', 'quiet_moment'],
      ['quiet_moment'],
    ])
    expect(all('recycle:requested')).toEqual([])
    hold()
    await press(850)
    expect(recycler.phase).toBe('exited')
  })

  it('is forgotten when memory is calm again', async () => {
    const { press, hold, recycler, last } = await pressing()
    hold('minimum_uptime')
    await press(850)
    await press(100)
    expect(recycler.phase).toBe('running')
    const ledger = await recycler.recycle({ reason: 'for a test' })
    // Not the reading that wanted a recycle long ago.
    expect(ledger.beforeBytes).toBe(100)
    expect(last('leaving:started').reasons).toMatchObject([{ message: 'for a test' }])
  })
})

describe('a recycle that the application asks for', () => {
  it('is not taken back by calm memory, and asked for once', async () => {
    const { recycler, press, all } = await pressing(['endless'])
    void recycler.recycle({ reason: 'first' })
    void recycler.recycle({ reason: 'second' })
    await press(100)
    expect(recycler.phase).toBe('draining')
    expect(all('recycle:requested')).toMatchObject([{ reasons: [{ message: 'first' }] }])
  })

  it('during the start begins when the worker is ready', async () => {
    const { recycler, phases } = bench()
    const started = recycler.start()
    const ledger = await recycler.recycle({ reason: 'for a test' })
    await started
    expect(ledger).toMatchObject({ leaving: 'recycle', reasons: [{ message: 'for a test' }] })
    expect(phases.slice(1, 3)).toEqual(['starting', 'quiescing'])
  })

  it('changes nothing once a stop was requested during the start', async () => {
    const { recycler, all } = bench()
    const started = recycler.start().catch(() => {})
    const stopped = recycler.stop()
    const ledger = await recycler.recycle()
    await Promise.all([started, stopped])
    expect(ledger.leaving).toBe('stop')
    expect(recycler.phase).toBe('exited')
    expect(all('recycle:requested')).toEqual([])
  })
})

describe('the supervisor', () => {
  const reasons = [{ code: 'over_soft_limit', message: 'The supervisor saw it' }]

  it('may ask for a recycle or a stop', async () => {
    const recycled = await pressing()
    recycled.enforcer.push({ kind: 'recycle', urgency: 'hard', reasons })
    await recycled.clock.advance(0)
    expect(recycled.last('recycle:finished').ledger).toMatchObject({ reasons, urgency: 'hard' })
    const stopped = await pressing()
    stopped.enforcer.push({ kind: 'stop' })
    await stopped.clock.advance(0)
    expect(stopped.last('worker:stopped').ledger.leaving).toBe('stop')
  })

  it('is not heard any more once the worker leaves for a recycle, but for a stop', async () => {
    const { press, enforcer, clock, all, recycler } = await pressing(['endless'])
    await press(850)
    enforcer.push({ kind: 'recycle', urgency: 'hard', reasons })
    await clock.advance(0)
    expect(all('recycle:requested')).toHaveLength(1)
    expect(recycler.phase).toBe('draining')
    enforcer.push({ kind: 'stop' })
    enforcer.push({ kind: 'stop' })
    await clock.advance(0)
    expect(recycler.phase).toBe('aborting')
  })

  it('hears how the worker leaves, and is asked for time and head-room', async () => {
    const { press, enforcer } = await pressing(['endless'])
    await press(850)
    expect(enforcer.calls.slice(-3)).toMatchObject([
      { member: 'stopping', argument: { leaving: 'recycle', budgetMs: 19_000 } },
      { member: 'extendStop', argument: 19_000 },
      { member: 'grantHeadroom', argument: { bytes: 100, forMs: 19_000 } },
    ])
  })
})

describe('a recycler that only observes', () => {
  it('tells everything and does nothing', async () => {
    const { press, hold, recycler, names, all, phases, enforcer, clock } = await pressing(
      ['endless'],
      { mode: 'observe' },
    )
    await press(850)
    await press(930)
    hold('breaker')
    await press(850)
    enforcer.push({ kind: 'recycle', urgency: 'soft', reasons: [] })
    await clock.advance(0)
    expect(all('recycle:observed')).toEqual([
      { urgency: 'soft', reasons: [{ code: 'high', message: 'Memory is high' }] },
      { urgency: 'hard', reasons: [{ code: 'critical', message: 'Memory is critical' }] },
      { urgency: 'soft', reasons: [] },
    ])
    expect(all('recycle:held')).toHaveLength(1)
    expect(phases.slice(2)).toEqual(['running', 'elevated'])
    expect(names()).not.toContain('recycle:requested')
    expect(enforcer.calls.at(-1)?.member).toBe('ready')
    expect(recycler.phase).toBe('elevated')
  })

  it('still stops when it is asked to', async () => {
    const { recycler, enforcer, clock } = await pressing([], { mode: 'observe' })
    enforcer.push({ kind: 'stop' })
    await clock.advance(0)
    expect(recycler.phase).toBe('exited')
  })
})
