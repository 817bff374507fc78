import { describe, expect, it } from 'vitest'
import { bench, working, type Working } from './bench.ts'

/** Brings a worker with one endless job into a phase. */
const WAYS: Readonly<Record<string, (table: Working) => Promise<void>>> = {
  running: async () => {},
  draining: async ({ recycler, reach }) => {
    void recycler.stop()
    await reach('draining')
  },
  aborting: async ({ recycler, reach }) => {
    void recycler.stop()
    await reach('aborting', 1000)
  },
  exited: async ({ recycler, reach }) => {
    void recycler.stop()
    await reach('exited', 1000)
  },
}

describe('stop, recycle and disposal', () => {
  for (const [phase, bring] of Object.entries(WAYS)) {
    it(`give one and the same departure when asked again and again, from ${phase} on`, async () => {
      const table = await working(['endless'])
      const { recycler, reach, all, last } = table
      await bring(table)
      const stops = [recycler.stop(), recycler[Symbol.asyncDispose](), recycler.stop()]
      const recycles = [recycler.recycle(), recycler.recycle({ urgency: 'hard' })]
      await reach('exited', 500)
      await Promise.all(stops)
      const [first, second] = await Promise.all(recycles)
      expect(first).toBe(second)
      expect(first).toMatchObject({ leaving: 'stop', jobs: { inFlight: 1, handedBack: 1 } })
      expect(last('worker:stopped').ledger).toBe(first)
      expect(all('stop:requested')).toEqual([{ count: 1 }])
      expect(all('leaving:started')).toHaveLength(1)
      expect(all('worker:stopped')).toHaveLength(1)
    })
  }

  it('take the whole drain however often stop() is called: only a stop request escalates', async () => {
    const { recycler, since, reach, clock } = await working(['endless'])
    for (let times = 0; times < 5; times++) void recycler.stop()
    await reach('aborting', 50)
    expect(since('aborting')).toBe(13_300)
    expect(clock.nowMs()).toBe(13_300)
  })

  it('stop() twice during the start counts once', async () => {
    const { recycler, all } = bench()
    const started = recycler.start().catch(() => {})
    await Promise.all([recycler.stop(), recycler.stop(), started])
    expect(all('stop:requested')).toEqual([{ count: 1 }])
  })

  it('stop() turns a recycle under way into a stop', async () => {
    const { recycler, reach, all } = await working(['endless'])
    const recycling = recycler.recycle()
    await reach('draining')
    const stopped = recycler.stop()
    await reach('exited', 500)
    await stopped
    expect(await recycling).toMatchObject({ leaving: 'stop' })
    expect(all('recycle:finished')).toEqual([])
  })

  it('await using leaves as stop() does', async () => {
    const table = await working()
    {
      await using recycler = table.recycler
      expect(recycler.phase).toBe('running')
    }
    expect(table.recycler.phase).toBe('exited')
    expect(table.last('worker:stopped').ledger.leaving).toBe('stop')
  })

  it('start() is refused while the worker leaves and afterwards', async () => {
    const { recycler, reach } = await working(['endless'])
    void recycler.stop()
    await expect(recycler.start()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
    await reach('exited', 500)
    await expect(recycler.start()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
  })
})
