import { getEventListeners } from 'node:events'
import { sleep } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'

describe('sleep', () => {
  it('resolves after its time, and leaves no listener behind', async () => {
    const clock = fakeClock()
    const { signal } = new AbortController()
    let isAwake = false
    const sleeping = sleep(100, clock, signal).then(() => {
      isAwake = true
    })
    await clock.advance(99)
    expect(isAwake).toBe(false)
    await clock.advance(1)
    await sleeping
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('resolves early when its signal aborts, and leaves no timer behind', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const sleeping = sleep(100, clock, controller.signal)
    controller.abort()
    await sleeping
    expect([clock.nowMs(), clock.pending]).toEqual([0, 0])
  })

  it('resolves at once, without a timer, when its signal has aborted', async () => {
    const clock = fakeClock()
    await sleep(100, clock, AbortSignal.abort())
    expect(clock.pending).toBe(0)
  })
})
