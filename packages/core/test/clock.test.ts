import { systemClock } from '@worker-recycler/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

/** What Node's timers take at most. */
const MAX_TIMER_MS = 2 ** 31 - 1

describe("the system's clock", () => {
  it('tells monotonic time apart from the time of the day', () => {
    const before = performance.now()
    const nowMs = systemClock.nowMs()
    expect(nowMs).toBeGreaterThanOrEqual(before)
    expect(nowMs).toBeLessThanOrEqual(performance.now())
    const epochMs = systemClock.epochMs()
    expect(epochMs).toBeLessThanOrEqual(Date.now())
    expect(epochMs).toBeGreaterThan(Date.UTC(2024, 0, 1))
  })

  it('calls back', async () => {
    await new Promise<void>((resolve) => {
      systemClock.setTimer(0, resolve)
    })
  })

  describe('with timers that can be looked at', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('calls back once, after its time', () => {
      let calls = 0
      systemClock.setTimer(1000, () => (calls += 1))
      vi.advanceTimersByTime(999)
      expect(calls).toBe(0)
      vi.advanceTimersByTime(5000)
      expect(calls).toBe(1)
    })

    it('does not call back when it is cancelled; cancelling later is harmless', () => {
      const cancel = systemClock.setTimer(1000, () => expect.unreachable())
      cancel()
      expect(vi.getTimerCount()).toBe(0)
      vi.advanceTimersByTime(1000)
      cancel()
    })

    it.for([MAX_TIMER_MS + 1, Infinity])('does not fire at once for %d ms', (ms) => {
      let calls = 0
      systemClock.setTimer(ms, () => (calls += 1))
      vi.advanceTimersByTime(MAX_TIMER_MS - 1)
      expect(calls).toBe(0)
    })

    it('fires at once for a time that has passed', () => {
      let calls = 0
      systemClock.setTimer(-5, () => (calls += 1))
      vi.advanceTimersByTime(0)
      expect(calls).toBe(1)
    })
  })
})
