import type { WatchIntervals } from '@worker-recycler/core'
import type { Limit } from './cgroup/limits.ts'
import type { Target } from './cgroup/locate.ts'
import type { WorkingSet } from './cgroup/working-set.ts'
import type { PressureRequest } from './sources/pressure-request.ts'
import type { StallThreshold } from './sources/trigger-text.ts'

/** What is sampled and how: plain data, so that a thread can be given it. */
export interface Sampling {
  /** The monitor's name, which readings carry. */
  readonly monitor: string
  readonly target: Target
  readonly workingSet: WorkingSet
  /** From when on a stall is worth a reading at once. */
  readonly threshold: StallThreshold
  readonly trigger: 'auto' | 'on' | 'off'
  readonly request: PressureRequest
  readonly intervals: WatchIntervals
  /** Limits that the application gives. */
  readonly ownLimits: readonly Limit[]
  readonly hostBytes: number
  /** The process is measured beside its cgroup. */
  readonly process: boolean
  /** Stands before every path. */
  readonly root: string
}
