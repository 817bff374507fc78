import { CONTRACT } from '../contracts/adapter.ts'
import type { Monitor, Reading, WatchOptions } from '../contracts/monitor.ts'
import { expectNumber } from '../expect-number.ts'
import { sleep } from '../process/sleep.ts'

const DEFAULT_RSS_INTERVAL_MS = 1000

/** How resident memory is watched. */
export interface RssMonitorOptions {
  /** Defaults to 1 s. */
  readonly intervalMs?: number
  /** The limit in bytes. Defaults to none: the enforcer's limit governs, or the host's. */
  readonly limitBytes?: number
  /** Reads resident memory in bytes. Defaults to `process.memoryUsage.rss`. */
  readonly read?: () => number
}

/**
 * Watches the resident memory of this process (`process.rss`), anywhere. It is read on the event
 * loop: while that is blocked there is no reading, and the next one says by `lagMs` how late it is.
 * Memory shared with other processes counts in full. Throws a TypeError for options out of range.
 */
export function rssMonitor(options: RssMonitorOptions = {}): Monitor {
  const intervalMs = expectNumber('intervalMs', options.intervalMs ?? DEFAULT_RSS_INTERVAL_MS, {
    min: 10,
  })
  const { limitBytes, read = () => process.memoryUsage.rss() } = options
  if (limitBytes !== undefined) expectNumber('limitBytes', limitBytes, { min: 0, aboveMin: true })

  return {
    kind: 'monitor',
    name: 'rss',
    contract: CONTRACT,
    supports: { outOfLoop: false, excludesPageCache: true },
    watch: ({ signal, clock }) => watchRss({ signal, clock, intervalMs, limitBytes, read }),
  }
}

interface RssWatch extends WatchOptions {
  readonly intervalMs: number
  readonly limitBytes: number | undefined
  readonly read: () => number
}

async function* watchRss(watch: RssWatch): AsyncGenerator<Reading, void, undefined> {
  const { signal, clock, intervalMs, limitBytes, read } = watch
  let dueMs = clock.nowMs()
  while (!signal.aborted) {
    const atMs = clock.nowMs()
    yield {
      monitor: 'rss',
      metric: 'process.rss',
      atMs,
      usedBytes: read(),
      ...(limitBytes === undefined ? {} : { limitBytes }),
      lagMs: atMs - dueMs,
    }
    // Ticks that were missed are not made up for: one reading says it all.
    const missed = Math.max(0, Math.floor((clock.nowMs() - dueMs) / intervalMs))
    dueMs += (missed + 1) * intervalMs
    await sleep(dueMs - clock.nowMs(), clock, signal)
  }
}
