import { describe, expect, it } from 'vitest'
import type { RecyclerHooks } from '../../src/hooks.ts'
import { working } from './bench.ts'

const error = new Error('broken')
const never = () => new Promise<never>(() => {})
const WAYS: Readonly<Record<string, () => void | Promise<void>>> = {
  throws: () => {
    throw error
  },
  rejects: () => Promise.reject(error),
  hangs: never,
}
const NAMES = ['leaving', 'beforeHandBack', 'beforeExit'] as const

describe('hooks', () => {
  it('get their subjects, each at its time', async () => {
    const seen: string[] = []
    const hooks: RecyclerHooks = {
      leaving: ({ leaving, reasons }) => void seen.push(`${leaving} for ${reasons[0]?.message}`),
      beforeHandBack: async ({ name }) => void seen.push(name),
      beforeExit: ({ jobs }) => void seen.push(`${jobs.handedBack} handed back`),
    }
    const { recycler, reach } = await working(['endless'], { hooks })
    void recycler.recycle({ reason: 'a test' })
    await reach('exited', 50)
    expect(seen).toEqual(['recycle for a test', 'endless', '1 handed back'])
  })

  for (const name of NAMES) {
    for (const [how, hook] of Object.entries(WAYS)) {
      it(`cost their slice and no more when \`${name}\` ${how}`, async () => {
        const hooks: RecyclerHooks = { [name]: hook }
        const { recycler, reach, since, all, clock } = await working(['endless'], { hooks })
        const recycling = recycler.recycle()
        await reach('exited', 10 * 5)
        expect(since('handingBack')).toBe(16_150)
        expect(since('exited')).toBeLessThanOrEqual(19_000)
        expect((await recycling).jobs).toMatchObject({ inFlight: 1, handedBack: 1 })
        expect(all('hook:failed').map((event) => event.hook)).toEqual([name])
        expect(clock.pending).toBe(0)
      })
    }
  }

  it('that hang hear by their signal that their time is over, even when nothing runs', async () => {
    const signals: AbortSignal[] = []
    const hooks: RecyclerHooks = {
      leaving: (_, { signal }) => {
        signals.push(signal)
        return never()
      },
    }
    const { recycler, reach, all, clock } = await working([], { hooks })
    void recycler.recycle()
    await reach('exited', 5)
    expect(clock.nowMs()).toBeLessThanOrEqual(285)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(all('hook:failed')).toMatchObject([{ hook: 'leaving', error: { code: 'TIMED_OUT' } }])
  })
})

describe('listeners', () => {
  it('that throw, reject or hang cost nothing', async () => {
    const { recycler, reach, since, names } = await working(['endless'])
    for (const listener of Object.values(WAYS)) {
      // Types ask for listeners that answer at once; JavaScript hands in asynchronous ones, too.
      const given: () => unknown = listener
      recycler.on('leaving:started', given)
      recycler.on('job:handed-back', given)
      recycler.on('worker:stopped', given)
    }
    const recycling = recycler.recycle()
    await reach('exited', 50)
    expect((await recycling).jobs.handedBack).toBe(1)
    expect(since('exited')).toBe(16_150)
    expect(names()).not.toContain('adapter:failed')
  })

  it('may ask for a stop from within any event', async () => {
    for (const name of ['worker:started', 'phase:changed', 'verdict:reached'] as const) {
      const { recycler } = await working()
      recycler.on(name, () => void recycler.stop())
      await recycler.stop()
      expect(recycler.phase).toBe('exited')
    }
  })
})
