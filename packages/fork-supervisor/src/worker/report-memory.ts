import { getHeapStatistics } from 'node:v8'
import { type CancelTimer, type Clock, heapLimitBytes } from '@worker-recycler/core'
import type { MemoryReport } from '../protocol.ts'

const CALM_MS = 1000
const CLOSE_MS = 250

/** From this share of the heap's limit on, reports come more often. */
const CLOSE_SHARE = 0.5

/**
 * Reports this process's memory now and from time to time, until undone: the heap, which nobody sees
 * from outside, and the resident memory for hosts without procfs.
 */
export function reportMemory(clock: Clock, report: (figures: MemoryReport) => void): CancelTimer {
  let cancel: CancelTimer = () => {}
  const tick = () => {
    const heapUsedBytes = getHeapStatistics().used_heap_size
    const limitBytes = heapLimitBytes()
    report({ rssBytes: process.memoryUsage.rss(), heapUsedBytes, heapLimitBytes: limitBytes })
    const ms = heapUsedBytes >= limitBytes * CLOSE_SHARE ? CLOSE_MS : CALM_MS
    cancel = clock.setTimer(ms, tick)
  }
  tick()
  return () => cancel()
}
