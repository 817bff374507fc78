import type { Reason } from '../../src/contracts/reason.ts'
import { working, type BenchOptions, type Working } from './bench.ts'
import { handMonitor, type HandMonitor } from './hand-monitor.ts'
import { levelPolicy } from './level-policy.ts'

/** A worker whose memory a test presses, under the level policy. */
export interface Pressing extends Working {
  readonly monitor: HandMonitor
  /** Makes a reading, and lets it take effect. */
  readonly press: (usedBytes: number) => Promise<void>
  /** What the policy holds soft recycles by from now on. */
  readonly hold: (...codes: readonly string[]) => void
}

/** Starts a worker with a monitor in hand. */
export async function pressing(
  names: readonly string[] = [],
  options: BenchOptions = {},
): Promise<Pressing> {
  const monitor = handMonitor()
  let held: readonly Reason[] = []
  const table = await working(names, {
    monitors: [monitor],
    policy: levelPolicy(() => held),
    ...options,
  })
  return {
    ...table,
    monitor,
    press: async (usedBytes) => {
      monitor.read(usedBytes)
      await table.clock.advance(0)
    },
    hold: (...codes) => {
      held = codes.map((code) => ({ code, message: `Held by ${code}` }))
    },
  }
}
