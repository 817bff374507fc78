import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'

describe('a fake clock', () => {
  it('stands still until it is moved', async () => {
    const clock = fakeClock({ epochMs: 1000 })
    await new Promise((resolve) => setImmediate(resolve))
    expect([clock.nowMs(), clock.epochMs()]).toEqual([0, 1000])
    await clock.advance(50)
    expect([clock.nowMs(), clock.epochMs()]).toEqual([50, 1050])
  })

  it('fires timers in the order of their times, equal ones in that of their making', async () => {
    const clock = fakeClock()
    const fired: string[] = []
    const timer = (name: string, ms: number) =>
      clock.setTimer(ms, () => fired.push(`${name} at ${clock.nowMs()}`))
    timer('late', 30)
    timer('first', 10)
    timer('second', 10)
    timer('past', -5)
    await clock.advance(29)
    expect(fired).toEqual(['past at 0', 'first at 10', 'second at 10'])
    await clock.advance(1)
    expect(fired.at(-1)).toBe('late at 30')
  })

  it('fires timers that are set while it moves', async () => {
    const clock = fakeClock()
    const fired: number[] = []
    const again = () => {
      fired.push(clock.nowMs())
      clock.setTimer(10, again)
    }
    clock.setTimer(10, again)
    await clock.advance(35)
    expect(fired).toEqual([10, 20, 30])
    expect(clock.pending).toBe(1)
  })

  it('lets promises settle between two timers', async () => {
    const clock = fakeClock()
    const order: string[] = []
    clock.setTimer(1, () => {
      void Promise.resolve()
        .then(() => {})
        .then(() => order.push('promise'))
    })
    clock.setTimer(2, () => order.push('timer'))
    await clock.advance(2)
    expect(order).toEqual(['promise', 'timer'])
  })

  it('forgets cancelled timers', async () => {
    const clock = fakeClock()
    const cancel = clock.setTimer(10, () => expect.unreachable())
    expect(clock.pending).toBe(1)
    cancel()
    expect(clock.pending).toBe(0)
    await clock.advance(10)
    cancel()
  })

  it('jumps in wall-clock time alone, either way', async () => {
    const clock = fakeClock({ epochMs: 10_000 })
    await clock.advance(100)
    clock.jumpEpoch(-5000)
    expect([clock.nowMs(), clock.epochMs()]).toEqual([100, 5100])
    clock.jumpEpoch(6000)
    expect([clock.nowMs(), clock.epochMs()]).toEqual([100, 11_100])
  })

  it('never runs back when it is moved twice at once', async () => {
    const clock = fakeClock()
    await Promise.all([clock.advance(100), clock.advance(50)])
    expect(clock.nowMs()).toBe(100)
  })
})
