import type { Clock } from '../process/clock.ts'
import type { Adapter } from './adapter.ts'

/** One measurement of memory: facts with units, no judgement. */
export interface Reading {
  /** The monitor that took it. */
  readonly monitor: string
  /** What was measured, e.g. `process.rss`, `v8.heap`, `cgroup.unreclaimable`. */
  readonly metric: string
  /** When it was measured, on the monotonic clock. */
  readonly atMs: number
  /** Memory in use. Page cache that the kernel can take back is not "in use". */
  readonly usedBytes?: number
  /** The limit that governs `usedBytes`. Without it, the enforcer's hard limit governs. */
  readonly limitBytes?: number
  /** What holds that limit, e.g. `/sys/fs/cgroup/system.slice/memory.high`; for people and logs. */
  readonly limitedBy?: string
  /** Time in which tasks stood still for want of memory (PSI), over a window. */
  readonly stall?: Stall
  /**
   * The same of the whole host. It is context for people: a neighbour may be its cause, so no policy
   * field reads it.
   */
  readonly hostStall?: Stall
  /** Increments of the counters of `memory.events` since the last reading of this metric. */
  readonly events?: MemoryEvents
  /** How late the measurement reached the main thread. */
  readonly lagMs?: number
}

/** Pressure stall information of one window (Documentation/accounting/psi.rst). */
export interface Stall {
  readonly windowMs: number
  /** At least one task stood still. */
  readonly someMs: number
  /** All non-idle tasks stood still at once. */
  readonly fullMs?: number
}

/** Counters of cgroup v2's `memory.events`, as increments. */
export interface MemoryEvents {
  readonly high?: number
  readonly max?: number
  readonly oom?: number
  readonly oomKill?: number
}

/** What a monitor may lack. */
export interface MonitorSupports {
  /** Reads while the event loop is blocked, and says by `lagMs` how late the reading is. */
  readonly outOfLoop: boolean
  /** `usedBytes` leaves out page cache that can be reclaimed. */
  readonly excludesPageCache: boolean
}

/** What core hands to a monitor when it starts to watch. */
export interface WatchOptions {
  /** Ends the watch: the iterable returns promptly, without an error. */
  readonly signal: AbortSignal
  /** The only source of time and timers. */
  readonly clock: Clock
}

/** Yields readings until it is told to stop. */
export interface Monitor extends Adapter<'monitor', MonitorSupports> {
  /**
   * Starts to measure. The first reading comes at once, so that a process which is born near its
   * limit is seen. Throws only for what makes further readings impossible; core then reports
   * `monitor:failed` and goes on with the other monitors.
   */
  watch(options: WatchOptions): AsyncIterable<Reading>
}
