import { CONTRACT } from '../../src/contracts/adapter.ts'
import type { Monitor, Reading } from '../../src/contracts/monitor.ts'

/** A monitor whose readings a test makes. */
export interface HandMonitor extends Monitor {
  /** Yields a reading of so many bytes now. */
  readonly read: (usedBytes: number) => void
  /** The watch throws, or ends by itself. */
  readonly end: (error?: Error) => void
  /** How many watches are open. */
  readonly open: number
}

type Step = Partial<Reading> | { readonly end: Error | undefined }

/** Makes a monitor that yields nothing by itself; readings made before the watch are kept for it. */
export function handMonitor(name = 'hand'): HandMonitor {
  const steps: Step[] = []
  let wake = () => {}
  let open = 0
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const push = (step: Step) => {
    steps.push(step)
    wake()
  }
  return {
    kind: 'monitor',
    name,
    contract: CONTRACT,
    supports: { outOfLoop: false, excludesPageCache: false },
    get open() {
      return open
    },
    read: (usedBytes) => push({ usedBytes }),
    end: (error) => push({ end: error }),
    async *watch({ signal, clock }) {
      open += 1
      const stop = () => wake()
      signal.addEventListener('abort', stop, { once: true })
      try {
        while (!signal.aborted) {
          const step = steps.shift()
          if (step && 'end' in step) {
            if (step.end) throw step.end
            return
          }
          if (step) yield { monitor: name, metric: 'test.used', atMs: clock.nowMs(), ...step }
          else await woken()
        }
      } finally {
        open -= 1
      }
    },
  }
}
