import {
  type CancelTimer,
  type Clock,
  watchIntervalMs,
  type WatchIntervals,
} from '@worker-recycler/core'
import type { Allowance } from './allowance.ts'
import { judgeMemory, type MemoryState, type MemoryVerdict, UNREAD } from './judge-memory.ts'
import { nextLimit } from './next-limit.ts'
import type { DatedReport, MemoryReader, MemoryReading } from './read-memory.ts'

/** The watch over one worker's memory. */
export interface MemoryWatch {
  /** What is known by now. */
  readonly state: MemoryState
  /** Ends the watch; nothing is reported any more. */
  stop(): void
}

/** Reads and judges until it is stopped; the first time at once. */
export function watchMemory(parts: {
  readonly pid: number
  readonly read: MemoryReader
  readonly report: () => DatedReport | undefined
  readonly allowance: Allowance
  readonly intervals: WatchIntervals
  readonly clock: Clock
  readonly onReading: (reading: MemoryReading) => void
  readonly onVerdict: (verdict: Exclude<MemoryVerdict, 'keep'>) => void
  readonly onUnreadable: () => void
}): MemoryWatch {
  const { pid, read, report, allowance, intervals, clock, onReading, onVerdict } = parts
  const stopped = new AbortController()
  let state = UNREAD
  let unreadable = false
  let cancel: CancelTimer = () => {}

  const look = async () => {
    const reading = await read(pid, report(), stopped.signal)
    // Whatever arrives after the end may be another process's, with the same pid.
    if (stopped.signal.aborted) return
    const limits = allowance.limits()
    if (reading) {
      const judged = judgeMemory(
        state,
        { usedBytes: reading.usedBytes, atMs: clock.nowMs() },
        limits,
      )
      state = judged.state
      onReading(reading)
      if (judged.verdict !== 'keep') onVerdict(judged.verdict)
    } else if (!unreadable) {
      unreadable = true
      parts.onUnreadable()
    }
    if (!stopped.signal.aborted) {
      const limitBytes = nextLimit(state.usedBytes, limits)
      next(watchIntervalMs({ ...state, limitBytes }, intervals))
    }
  }

  const next = (ms: number) => {
    cancel = clock.setTimer(ms, () => void look())
  }

  void look()
  return {
    get state() {
      return state
    },
    stop: () => {
      stopped.abort()
      cancel()
    },
  }
}
