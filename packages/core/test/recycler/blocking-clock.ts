import { fakeClock, type FakeClock } from '../../src/testing/fake-clock.ts'

/** A fake clock on which the event loop can stand still. */
export interface BlockingClock extends FakeClock {
  /** Time passes, but nothing runs meanwhile: timers that fall due fire late, at the next advance. */
  readonly block: (ms: number) => void
}

/** Makes a fake clock that is not blocked. */
export function blockingClock(): BlockingClock {
  const inner = fakeClock()
  const waiting = new Set<{ readonly atMs: number; readonly fire: () => void }>()
  let lostMs = 0
  const nowMs = () => inner.nowMs() + lostMs
  const overdue = () =>
    [...waiting].filter(({ atMs }) => atMs <= nowMs()).toSorted((a, b) => a.atMs - b.atMs)

  return {
    nowMs,
    epochMs: () => inner.epochMs() + lostMs,
    setTimer: (ms, callback) => {
      const timer = {
        atMs: nowMs() + Math.max(0, ms),
        fire: () => {
          if (waiting.delete(timer)) callback()
        },
      }
      waiting.add(timer)
      const cancel = inner.setTimer(ms, timer.fire)
      return () => {
        waiting.delete(timer)
        cancel()
      }
    },
    advance: async (ms) => {
      for (const { fire } of overdue()) {
        fire()
        await inner.advance(0)
      }
      // In small steps: what was set before the block falls due earlier than the inner clock knows.
      for (let leftMs = ms; leftMs > 0; leftMs -= 10) {
        await inner.advance(Math.min(10, leftMs))
        for (const { fire } of overdue()) {
          fire()
          await inner.advance(0)
        }
      }
      if (ms === 0) await inner.advance(0)
    },
    jumpEpoch: (ms) => inner.jumpEpoch(ms),
    get pending() {
      return waiting.size
    },
    block: (ms) => {
      lostMs += ms
    },
  }
}
