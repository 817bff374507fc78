import type { Clock } from '../process/clock.ts'

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves time forward, firing timers in order and letting promises settle between them. */
  readonly advance: (ms: number) => Promise<void>
  /** Changes the wall-clock time alone, as an operator or NTP does; the monotonic time goes on. */
  readonly jumpEpoch: (ms: number) => void
  /** Timers that wait. */
  readonly pending: number
}

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** Lets everything that waits for promises, and nothing else, go on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Makes a fake clock. Starts at 0 monotonic, and at `epochMs` of wall-clock time. Defaults to 2026-01-01. */
export function fakeClock(options: { epochMs?: number } = {}): FakeClock {
  let nowMs = 0
  let offsetMs = options.epochMs ?? Date.UTC(2026, 0, 1)
  const timers = new Set<Timer>()

  const nextBefore = (endMs: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.atMs <= endMs && (!next || timer.atMs < next.atMs)) next = timer
    }
    return next
  }

  return {
    nowMs: () => nowMs,
    epochMs: () => offsetMs + nowMs,
    setTimer: (ms, callback) => {
      const timer = { atMs: nowMs + Math.max(0, ms), callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: async (ms) => {
      const endMs = nowMs + ms
      await settle()
      for (let timer = nextBefore(endMs); timer; timer = nextBefore(endMs)) {
        timers.delete(timer)
        nowMs = Math.max(nowMs, timer.atMs)
        timer.callback()
        await settle()
      }
      nowMs = Math.max(nowMs, endMs)
      await settle()
    },
    jumpEpoch: (ms) => {
      offsetMs += ms
    },
    get pending() {
      return timers.size
    },
  }
}
