import {
  constants,
  PerformanceObserver,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
} from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { CONTRACT } from '../contracts/adapter.ts'
import type { Monitor, Reading, WatchOptions } from '../contracts/monitor.ts'
import { heapLimitBytes } from './heap-limit.ts'

/** What Node.js says of a collection; its types leave out the detail. */
interface GcEntry extends PerformanceEntry {
  readonly detail?: NodeGCPerformanceDetail
}

/** How full V8's heap is. */
export interface HeapFigures {
  readonly usedBytes: number
  /** Where V8 aborts, see `heapLimitBytes`. */
  readonly limitBytes: number
}

/** Where the heap is read. */
export interface HeapMonitorOptions {
  /** Defaults to `used_heap_size` of `v8.getHeapStatistics`, and `heapLimitBytes`. */
  readonly read?: () => HeapFigures
  /** Calls back soon after each major collection, until the function that it returns is called. */
  readonly onMajorCollection?: (callback: () => void) => () => void
}

/**
 * Watches V8's heap against V8's own limit (`v8.heap`), which kills a process long before the
 * machine's memory is used up. It is read after major collections only, since what is in use before
 * one is mostly garbage; the first reading, at once, is the exception. A collection is never forced.
 * When several happen before anybody asks, one reading stands for them.
 */
export function heapMonitor(options: HeapMonitorOptions = {}): Monitor {
  const { read = readHeap, onMajorCollection = observeMajorCollections } = options
  return {
    kind: 'monitor',
    name: 'heap',
    contract: CONTRACT,
    supports: { outOfLoop: false, excludesPageCache: true },
    watch: (watch) => watchHeap(watch, read, onMajorCollection),
  }
}

async function* watchHeap(
  { signal, clock }: WatchOptions,
  read: () => HeapFigures,
  onMajorCollection: (callback: () => void) => () => void,
): AsyncGenerator<Reading, void, undefined> {
  if (signal.aborted) return
  const reading = (): Reading => {
    const { usedBytes, limitBytes } = read()
    return { monitor: 'heap', metric: 'v8.heap', atMs: clock.nowMs(), usedBytes, limitBytes }
  }
  let pending: Reading | undefined
  let wake: (() => void) | undefined
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const onAbort = () => wake?.()
  const stop = onMajorCollection(() => {
    pending = reading()
    wake?.()
  })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    yield reading()
    for (;;) {
      if (!pending && !signal.aborted) {
        await woken()
      }
      if (signal.aborted) return
      const next = pending
      pending = undefined
      if (next) yield next
    }
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}

const readHeap = (): HeapFigures => ({
  usedBytes: getHeapStatistics().used_heap_size,
  limitBytes: heapLimitBytes(),
})

/** The default: performance entries of kind `gc`, delivered on the event loop. */
function observeMajorCollections(callback: () => void): () => void {
  const observer = new PerformanceObserver((list) => {
    const major = list
      .getEntries()
      .some((entry) => (entry as GcEntry).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR)
    if (major) callback()
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}
