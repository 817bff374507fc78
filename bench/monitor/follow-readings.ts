import { type Reading, systemClock } from '@worker-recycler/core'
import { psiMonitor, type PsiMonitorOptions } from '@worker-recycler/psi-monitor'
import { monotonicMs } from './monotonic.ts'

/** Runs a monitor until the function that it returns is called; tells each reading, and when it arrived. */
export function followReadings(
  options: PsiMonitorOptions,
  told: (reading: Reading, atMs: number) => void,
): () => Promise<void> {
  const controller = new AbortController()
  const follow = async () => {
    // What this process's own service manager asks for is none of the benchmark's business.
    const monitor = psiMonitor({ env: {}, ...options })
    for await (const reading of monitor.watch({ signal: controller.signal, clock: systemClock })) {
      told(reading, monotonicMs())
    }
  }
  const over = follow()
  // A monitor that fails does so while nobody waits for it; whoever stops it hears of that.
  over.catch(() => {})
  return () => {
    controller.abort()
    return over
  }
}
