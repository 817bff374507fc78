import type { Monitor, Reading } from '../contracts/monitor.ts'
import { RecyclerError } from '../errors.ts'
import type { Clock } from '../process/clock.ts'

/** Who hears of readings. */
export interface WatchListener {
  reading(reading: Reading): void
  /** A monitor has ended although nobody asked it to. */
  failed(monitor: Monitor, error: unknown): void
}

/**
 * Reads all monitors side by side until the signal aborts. Resolves when they have ended; a
 * monitor that fails does not end the others.
 */
export async function watch(
  monitors: readonly Monitor[],
  options: { readonly signal: AbortSignal; readonly clock: Clock },
  listener: WatchListener,
): Promise<void> {
  const follow = async (monitor: Monitor) => {
    try {
      for await (const reading of monitor.watch(options)) {
        if (options.signal.aborted) return
        listener.reading(reading)
      }
      if (options.signal.aborted) return
      throw new RecyclerError('ADAPTER_FAILED', `[${monitor.name}] ended by itself`)
    } catch (error) {
      if (!options.signal.aborted) listener.failed(monitor, error)
    }
  }
  await Promise.all(monitors.map(follow))
}
