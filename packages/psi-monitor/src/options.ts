import type { Logger } from '@worker-recycler/core'
import type { Target } from './cgroup/locate.ts'
import type { WorkingSet } from './cgroup/working-set.ts'

/** A limit in bytes, or as a share of the host's memory, such as `'80%'`. */
export type LimitOption = number | `${number}%`

/** What is watched, and how. Every option has a default that fits most workers. */
export interface PsiMonitorOptions {
  /** The monitor's name, which its readings carry. Defaults to `psi`. */
  readonly name?: string
  /** Whose memory: this process's (its cgroup's), another one's, or a cgroup's. Defaults to `self`. */
  readonly target?: Target
  /** What counts as used. Defaults to `unreclaimable`: no page cache. */
  readonly workingSet?: WorkingSet
  /** A hard limit besides those that are found; the least of all governs. Defaults to none. */
  readonly memoryMax?: LimitOption
  /** Likewise, of the kind from which on the kernel throttles. Defaults to none. */
  readonly memoryHigh?: LimitOption
  /**
   * `auto`: what `$MEMORY_PRESSURE_WATCH` asks for, otherwise the own cgroup. `skip`: the own cgroup,
   * whatever systemd asks for. `off`: no stalls, usage and events only. Defaults to `auto`.
   */
  readonly memoryPressureWatch?: 'auto' | 'skip' | 'off'
  /** Which stall counts: of some task, or of all at once. Defaults to `some`. */
  readonly type?: 'some' | 'full'
  /**
   * A stall of so much in a window is told at once. Defaults to 200 ms, as with systemd. What
   * `$MEMORY_PRESSURE_WRITE` asks for wins over these three.
   */
  readonly thresholdMs?: number
  /** The window; at most 10 s. Defaults to 2 s. */
  readonly windowMs?: number
  /**
   * A PSI trigger, so that the process sleeps longer while all is calm. `auto`: where this process may
   * use windows shorter than 2 s (CAP_SYS_RESOURCE). `on`: also where the kernel checks every 2 s
   * only; a stall is then heard of after 2 to 5 s. It sleeps no longer than a leak of 100 MB/s would
   * need to 0.70 of the limit, as memory that nobody waits for wakes nobody. Defaults to `auto`.
   */
  readonly trigger?: 'auto' | 'on' | 'off'
  /** The time between samples when all is calm. Defaults to 1 s. */
  readonly calmMs?: number
  /** The time between samples when the limit is near or tasks stand still. Defaults to 50 ms. */
  readonly closeMs?: number
  /**
   * The process itself is read beside its cgroup, which others may share; without a limit of its own
   * in the reading, the enforcer's governs. Defaults to true for `self`.
   */
  readonly process?: boolean
  /** V8's heap is watched against its own limit, too; this process's only. Defaults to true for `self`. */
  readonly heap?: boolean
  /**
   * Samples are taken in a thread, so that they go on while a job blocks the event loop; `lagMs` then
   * says how late a reading came. Costs about 10 MiB (docs/benchmarks.md). Defaults to false.
   */
  readonly thread?: boolean
  /** Stands before `/proc`, `/sys` and every other path, e.g. `/host` in a container. Defaults to `/`. */
  readonly root?: string
  /** Where systemd's variables are read. Defaults to `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Is told when a source ends while it is watched. Defaults to silence. */
  readonly logger?: Logger
}
