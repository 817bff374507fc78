import { describe, expect, it } from 'vitest'
import type { RecycleAbort } from '../../src/errors.ts'
import type { JobContext } from '../../src/jobs/job-context.ts'
import { bench, working, type BenchOptions } from './bench.ts'
import { blockingClock } from './blocking-clock.ts'
import { handSource, obeysAfter, takes } from './hand-source.ts'

const never = () => new Promise<never>(() => {})

/** A started worker on a source in hand. */
async function atHand(quiesce?: () => Promise<void>, options: BenchOptions = {}) {
  const clock = blockingClock()
  const source = handSource(quiesce)
  const table = bench({ clock, source, ...options })
  await table.recycler.start()
  return { ...table, clock, source }
}

describe('the slices of the budget', () => {
  it('are kept by a job that ignores everything and cannot be handed back', async () => {
    const { source, recycler, reach, since, clock, failedCalls } = await atHand()
    source.bring('1', { putBack: never })
    const recycling = recycler.recycle()
    await reach('exited', 50)
    expect(since('quiescing')).toBe(0)
    expect(since('draining')).toBe(0)
    expect(since('aborting')).toBe(13_300)
    expect(since('handingBack')).toBe(16_150)
    expect(since('closing')).toBe(17_955)
    expect(clock.nowMs()).toBeLessThanOrEqual(19_000)
    expect((await recycling).jobs).toMatchObject({ inFlight: 1, handedBack: 0 })
    expect((await recycling).jobs.unknown).toMatchObject([{ id: '1' }])
    expect(failedCalls()).toEqual(['hand.handBack'])
    expect(clock.pending).toBe(0)
  })

  it('need not pass: an idle worker leaves without a timer', async () => {
    const { recycler, clock } = await atHand()
    const ledger = await recycler.recycle()
    expect(clock.nowMs()).toBe(0)
    expect(clock.pending).toBe(0)
    expect(ledger.jobs).toEqual({
      inFlight: 0,
      completed: 0,
      failed: 0,
      handedBack: 0,
      unknown: [],
    })
    expect(ledger.phases.every(({ ms }) => ms === 0)).toBe(true)
  })

  it('end early when the last job does', async () => {
    const { source, recycler, reach, since, clock } = await atHand()
    source.bring('quick', { handle: takes(700, clock) })
    source.bring('obedient', { handle: obeysAfter(300, clock) })
    void recycler.stop()
    await reach('exited', 50)
    expect(since('aborting')).toBe(13_300)
    expect(since('closing')).toBe(13_600)
    expect(since('exited')).toBe(13_600)
    expect(Number.isNaN(since('handingBack'))).toBe(true)
  })

  it('keep the hand-back slice whole, whatever quiesce, hooks and jobs took', async () => {
    const hooks = { leaving: never, beforeHandBack: never }
    const { source, recycler, reach, since, all } = await atHand(never, { hooks })
    source.bring('1')
    const recycling = recycler.recycle()
    await reach('exited', 50)
    expect(since('draining')).toBe(5000)
    expect(since('handingBack')).toBe(16_150)
    expect((await recycling).jobs).toMatchObject({ inFlight: 1, handedBack: 1 })
    expect(all('hook:failed').map(({ hook }) => hook)).toEqual(['leaving', 'beforeHandBack'])
  })

  it('tell jobs how long they have: until the drain ends, then until they are handed back', async () => {
    const { source, recycler, reach, clock } = await atHand()
    let context: JobContext | undefined
    source.bring('1', {
      handle: (given) => {
        context = given
        return never()
      },
    })
    expect(context?.deadline.remainingMs()).toBe(Infinity)
    void recycler.recycle({ reason: 'for a test' })
    await reach('draining')
    await clock.advance(3300)
    expect(context?.deadline.remainingMs()).toBe(10_000)
    await reach('aborting', 100)
    const reason = context?.signal.reason as RecycleAbort
    expect(reason).toMatchObject({ leaving: 'recycle', code: 'RECYCLE_ABORT' })
    expect(reason.reasons).toMatchObject([{ message: 'for a test' }])
    expect(reason.remainingMs).toBeCloseTo(2850, 6)
    expect(context?.deadline.remainingMs()).toBe(0)
  })

  it('leave jobs no time before the deadline once a second stop request has come', async () => {
    const { source, recycler, reach, clock, since, stopRequests } = await atHand()
    let context: JobContext | undefined
    source.bring('1', {
      handle: (given) => {
        context = given
        return never()
      },
    })
    void recycler.run()
    stopRequests.fire()
    await clock.advance(1000)
    stopRequests.fire()
    await reach('aborting')
    expect(context?.deadline.remainingMs()).toBe(0)
    await reach('exited', 50)
    expect(since('handingBack')).toBe(3850)
  })
})

describe('quiescing', () => {
  it('costs no more than its slice when it hangs, though no job runs', async () => {
    const { recycler, reach, since, failedCalls } = await atHand(never)
    void recycler.stop()
    await reach('exited', 50)
    expect(since('draining')).toBe(5000)
    expect(since('exited')).toBe(5000)
    expect(failedCalls()).toEqual(['hand.quiesce'])
  })

  it('costs nothing when it throws', async () => {
    const { recycler, clock, failedCalls } = await atHand(() => Promise.reject(new Error('broken')))
    await recycler.stop()
    expect(clock.nowMs()).toBe(0)
    expect(failedCalls()).toEqual(['hand.quiesce'])
  })

  it('waits for a fetch in flight though no job runs', async () => {
    const { recycler, source, clock, reach, since } = await atHand(
      () => new Promise((resolve) => void clock.setTimer(800, resolve)),
    )
    const stopped = recycler.stop()
    await clock.advance(700)
    expect(recycler.phase).toBe('quiescing')
    source.bring('late', { handle: takes(50, clock) })
    await reach('exited', 50)
    await stopped
    expect(since('closing')).toBe(800)
  })
})

describe('a job that a late fetch brings', () => {
  it('during the drain runs, and the drain waits for it', async () => {
    const { source, recycler, reach, clock, since } = await atHand()
    source.bring('old', { handle: takes(100, clock) })
    const stopped = recycler.recycle()
    await reach('draining')
    source.bring('late', { handle: takes(300, clock) })
    await reach('exited', 50)
    expect(since('closing')).toBe(300)
    expect((await stopped).jobs).toMatchObject({ inFlight: 2, completed: 2 })
  })

  it('during the abort is handed back at once, without its handler', async () => {
    const { source, recycler, reach, clock } = await atHand()
    source.bring('old', { handle: obeysAfter(1000, clock) })
    const stopped = recycler.recycle()
    await reach('aborting', 100)
    source.bring('late')
    await clock.advance(0)
    expect(source.inFlight().map(({ id }) => id)).toEqual(['old'])
    await reach('exited', 50)
    expect(source.began).toEqual(['old'])
    expect((await stopped).jobs).toMatchObject({ inFlight: 2, handedBack: 2, unknown: [] })
  })

  it('while others are handed back is handed back though it cannot be aborted', async () => {
    const hand = handSource()
    const source = { ...hand, supports: { ...hand.supports, abort: false } }
    const { recycler, reach, clock } = bench({ source })
    await recycler.start()
    hand.bring('old', { putBack: never })
    const stopped = recycler.recycle()
    await reach('handingBack', 100)
    hand.bring('late')
    await clock.advance(0)
    // At once, though the other one hangs.
    expect(hand.inFlight().map(({ id }) => id)).toEqual(['old'])
    await reach('exited', 50)
    expect((await stopped).jobs).toMatchObject({ inFlight: 2, handedBack: 1 })
    expect(hand.handedBack).toEqual([{ id: 'late', outcome: 'handedBack' }])
  })

  it('while others are handed back is handed back too', async () => {
    const { source, recycler, reach } = await atHand()
    source.bring('old', { putBack: never })
    const stopped = recycler.recycle()
    await reach('handingBack', 100)
    source.bring('late')
    await reach('exited', 50)
    const { jobs } = await stopped
    expect(jobs).toMatchObject({ inFlight: 2, handedBack: 1 })
    expect(jobs.unknown.map(({ id }) => id)).toEqual(['old'])
  })
})

describe('the event loop blocked', () => {
  it('for longer than drain and abort leaves hand-back its whole slice', async () => {
    const { recycler, source, reach, clock, since } = await atHand()
    source.bring('1', {
      putBack: () =>
        new Promise((resolve) => void clock.setTimer(1000, () => resolve('handedBack'))),
    })
    const recycling = recycler.recycle()
    await reach('draining')
    clock.block(60_000)
    await reach('exited', 50)
    expect(since('aborting')).toBe(60_000)
    expect(since('handingBack')).toBe(60_000)
    expect(since('closing')).toBe(61_000)
    expect((await recycling).jobs).toMatchObject({ inFlight: 1, handedBack: 1 })
  })

  it('for part of the drain takes nothing from the abort', async () => {
    const { recycler, source, reach, clock, since } = await atHand()
    source.bring('1')
    void recycler.recycle()
    await reach('draining')
    clock.block(14_000)
    await reach('exited', 50)
    expect(since('aborting')).toBe(14_000)
    expect(since('handingBack')).toBe(16_150)
  })
})

describe('the wall clock', () => {
  for (const jumpMs of [7_200_000, -7_200_000]) {
    it(`changes no deadline when it jumps by ${jumpMs} ms`, async () => {
      const { recycler, source, reach, clock, since } = await working(['endless'])
      const recycling = recycler.recycle()
      await reach('draining')
      await clock.advance(1000)
      clock.jumpEpoch(jumpMs)
      expect(source.running.values().next().value?.deadline.remainingMs()).toBeCloseTo(12_300, 6)
      await reach('exited', 50)
      expect([since('aborting'), since('handingBack')]).toEqual([13_300, 16_150])
      const ledger = await recycling
      expect(ledger.phases.find(({ phase }) => phase === 'draining')?.ms).toBe(13_300)
      expect(ledger.running[0]?.ageMs).toBe(0)
    })
  }
})
