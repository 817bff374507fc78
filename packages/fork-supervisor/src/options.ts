import type { ChildProcess } from 'node:child_process'
import type { Clock, Logger, WatchIntervals } from '@worker-recycler/core'
import type { OnDeath } from './death/tell-death.ts'
import type { WorkerRef } from './events.ts'
import type { LimitBytes } from './memory/judge-memory.ts'
import type { ReadMemory } from './memory/read-memory.ts'
import type { BackOff } from './restart/back-off.ts'
import type { RestartBreaker } from './restart/restart-breaker.ts'

/** Limits as numbers, or as shares (0 to 1) of one number. */
export type LimitOptions =
  | LimitBytes
  | {
      readonly limitBytes: number
      /** Defaults to 0.80. */
      readonly soft?: number
      /** Defaults to 0.92. */
      readonly hard?: number
    }

/** More memory that a worker may be granted for a drain. */
export interface HeadroomCap {
  readonly maxBytes: number
  /** Defaults to `stopMs`. */
  readonly maxMs?: number
}

/**
 * `inherit`: to this process's output; `stderr`: all of it to this process's standard error; `pipe`:
 * for `onSpawn` to read, which must be done, or a worker stands still when the pipe is full.
 */
export type WorkerOutput = 'inherit' | 'stderr' | 'ignore' | 'pipe'

/** Options of `createForkSupervisor`. */
export interface ForkSupervisorOptions {
  /** The program of every worker: a path to a file that Node.js can run. */
  readonly script: string
  /** Its arguments. Defaults to none. */
  readonly args?: readonly string[]
  /** Arguments of Node.js itself, e.g. `--max-old-space-size=512`. Defaults to those of this process. */
  readonly execArgv?: readonly string[]
  /** The Node.js to run it with. Defaults to the one that runs this process. */
  readonly execPath?: string
  /** The directory to run it in. Defaults to this process's. */
  readonly cwd?: string
  /** Added to this process's environment; undefined takes a variable away. Defaults to nothing. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where the workers' output goes. Their standard input is empty. Defaults to `inherit`. */
  readonly stdio?: WorkerOutput
  /** How many workers. Defaults to 1. */
  readonly workers?: number
  /** The limits of each worker. Defaults to none. */
  readonly limits?: LimitOptions
  /** The stop budget: from a stop request, or a worker's decision to leave, to SIGKILL. Defaults to 30 s. */
  readonly stopMs?: number
  /** How much longer a worker may ask the stop budget to be, in all. Defaults to 0: refused. */
  readonly maxExtendMs?: number
  /** How much more memory a worker may ask for. Defaults to none: refused. */
  readonly headroom?: HeadroomCap
  /**
   * A program that has not said hello (as `forkEnforcer()` does when it is made) so long after its
   * start knows nothing of this package: from then on it counts as ready, and is asked to recycle by
   * SIGTERM. Earlier the signal could end a worker that is only loading. Raise it for programs that
   * load for longer; lower it for ones that leak fast. Defaults to 60 s.
   */
  readonly helloMs?: number
  /**
   * How long a worker that took a soft recycle request may put it off, before it gets a hard one and
   * `stopMs`. Defaults to 10 min.
   */
  readonly deferMs?: number
  /** The shortest time between two soft recycles of a slot for its memory. Defaults to 60 s. */
  readonly recycleIntervalMs?: number
  /** Starts the replacement when the old worker begins to leave, not when it is gone. Defaults to false. */
  readonly overlap?: boolean
  /** How many workers may recycle at once. Defaults to a quarter of them, at least one. */
  readonly maxRecycling?: number
  readonly restart?: {
    readonly backoff?: Partial<BackOff>
    /** False never gives up a slot. */
    readonly breaker?: Partial<RestartBreaker> | false
  }
  /** Hears of every death, e.g. to put the dead worker's jobs back; awaited before the replacement starts. */
  readonly onDeath?: OnDeath
  /** No longer than this. Defaults to 2 s. */
  readonly onDeathMs?: number
  /** Reads a worker's memory in the place of the built-in sources. Its failures fall back to them. */
  readonly readMemory?: ReadMemory
  /** How often memory is read. Defaults to 1 s when calm, 100 ms when close to a limit. */
  readonly watch?: Partial<WatchIntervals>
  /**
   * Called with each worker process as soon as it is started: to read its output or its own messages,
   * or to move it into a cgroup.
   */
  readonly onSpawn?: (child: ChildProcess, worker: WorkerRef) => void
  /** Runs the guard, which ends the workers when this process is killed. Defaults to true. */
  readonly guard?: boolean
  /** Where the host's files and shell are, for tests and unusual hosts. */
  readonly host?: { readonly proc?: string; readonly cgroup?: string; readonly shell?: string }
  /** A pino instance fits as it is. Defaults to silence. */
  readonly logger?: Logger
  readonly clock?: Clock
}
