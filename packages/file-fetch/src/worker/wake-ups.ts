import type { Clock, Logger } from '@worker-recycler/core'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import type { ResolvedOptions } from '../options.ts'
import type { ClaimLoop } from './claim-loop.ts'
import type { QueueReader } from './queue-reader.ts'
import { type QueueWatch, watchQueue } from './watch-queue.ts'

/** How often the queues are listed where the file system reports no changes. */
const POLL_WITHOUT_WATCH_MS = 1000

/** What wakes an idle worker. */
export interface WakeUps {
  start(): void
  stop(): void
}

/**
 * A watch on each queue, and a slow poll for what a watch may miss. A watch that breaks is reported
 * and replaced by a faster poll, at which making it is tried again.
 */
export function createWakeUps(
  directory: QueueDirectory,
  options: Pick<ResolvedOptions, 'queues' | 'safetyPollMs'>,
  context: { reader: QueueReader; loop: ClaimLoop; clock: Clock; logger: Logger },
): WakeUps {
  const { reader, loop, clock, logger } = context
  const watches = new Map<string, QueueWatch>()
  const reported = new Set<string>()
  let stopped = false
  let cancel = () => {}

  const wake = (folder?: string): void => {
    reader.changed(folder)
    loop.wake()
  }
  const watchAll = (): void => {
    for (const queue of options.queues) {
      if (watches.has(queue)) continue
      let broken = false
      const watch = watchQueue(
        [directory.ready(queue), directory.scheduled(queue)],
        wake,
        (error) => {
          broken = true
          watches.delete(queue)
          if (reported.has(queue)) return
          reported.add(queue)
          const pollMs = Math.min(options.safetyPollMs, POLL_WITHOUT_WATCH_MS)
          logger.warn({ queue, error, pollMs }, 'a queue cannot be watched; it is polled instead')
        },
      )
      if (!broken) watches.set(queue, watch)
    }
  }
  const poll = async (): Promise<void> => {
    // A directory that was removed by hand is made again, or its watch would hear nothing.
    for (const queue of options.queues) await directory.ensureQueue(queue).catch(() => {})
    if (stopped) return
    watchAll()
    wake()
    schedule()
  }
  const schedule = (): void => {
    const complete = watches.size === options.queues.length
    const ms = complete
      ? options.safetyPollMs
      : Math.min(options.safetyPollMs, POLL_WITHOUT_WATCH_MS)
    cancel = clock.setTimer(ms, () => void poll())
  }

  return {
    start: () => {
      watchAll()
      schedule()
    },
    stop: () => {
      stopped = true
      cancel()
      for (const watch of watches.values()) watch.close()
    },
  }
}
