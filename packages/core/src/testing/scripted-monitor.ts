import { CONTRACT } from '../contracts/adapter.ts'
import type { Monitor, MonitorSupports, Reading } from '../contracts/monitor.ts'
import { sleep } from '../process/sleep.ts'

/** One step of a script: a reading, and how long after the one before it comes. */
export interface ScriptStep {
  /** Defaults to 1,000; 0 for the first step. */
  readonly afterMs?: number
  /** Time, monitor and metric are filled in where they are missing. */
  readonly reading?: Partial<Reading>
  /** Thrown in place of a reading: the monitor fails. */
  readonly error?: Error
}

/** How a scripted monitor differs from the usual one. */
export interface ScriptedMonitorOptions {
  /** Defaults to `scripted`. */
  readonly name?: string
  /** Defaults to `test.used`. */
  readonly metric?: string
  /** Defaults to false for all. */
  readonly supports?: Partial<MonitorSupports>
}

/**
 * Yields the readings of a script at their times; a number stands for `usedBytes` after 1,000 ms.
 * After the last step it is silent until it is told to stop.
 */
export function scriptedMonitor(
  script: readonly (number | ScriptStep)[],
  options: ScriptedMonitorOptions = {},
): Monitor {
  const { name = 'scripted', metric = 'test.used' } = options
  return {
    kind: 'monitor',
    name,
    contract: CONTRACT,
    supports: { outOfLoop: false, excludesPageCache: false, ...options.supports },
    async *watch({ signal, clock }) {
      for (const [index, each] of script.entries()) {
        const step: ScriptStep = typeof each === 'number' ? { reading: { usedBytes: each } } : each
        const afterMs = step.afterMs ?? (index === 0 ? 0 : 1000)
        if (afterMs > 0) await sleep(afterMs, clock, signal)
        if (signal.aborted) return
        if (step.error !== undefined) throw step.error
        yield { monitor: name, metric, atMs: clock.nowMs(), ...step.reading }
      }
      await aborted(signal)
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
