import type { Persistence, Scope } from './lookup-path.ts'
import type { Snapshot } from './snapshot.ts'

/** Where the memory controller is: cgroup v2, or v1, alone or beside v2. */
export type Hierarchy = 'unified' | 'legacy'

/** A unit as the manager and the kernel have it. */
export interface UnitFacts {
  readonly name: string
  /** It has processes: also while it starts, or stops. */
  readonly isActive: boolean
  /** Its files are others than those that the manager has read. */
  readonly needsReload?: boolean
  /** Its cgroup, below the root of the hierarchy. */
  readonly controlGroup?: string
  readonly usedBytes?: number
  /** What the kernel enforces; `Infinity` for no limit. */
  readonly kernel?: KernelLimits
  /** The least limit of the slices above it, and whose it is. */
  readonly parent?: { readonly maxBytes: number; readonly path: string }
}

/** What the kernel enforces, in bytes. */
export interface KernelLimits {
  readonly max: number
  readonly high?: number
  readonly low?: number
  readonly min?: number
  readonly swapMax?: number
}

/** What is at the place of the hook's program. */
export interface ProgramFacts {
  /** Undefined where there is none. */
  readonly text?: string
  readonly mode?: number
  /** Who else than its owner could change it, or a directory above it, in sentences. */
  readonly loose: readonly string[]
}

/** All that a plan depends on: plain data. */
export interface SystemdFacts {
  /** Of the running manager, e.g. 252. */
  readonly version: number
  readonly hierarchy: Hierarchy
  readonly scope: Scope
  readonly persistence: Persistence
  /** There is an image and no manager that could reload. */
  readonly isOffline: boolean
  /** The directory under which drop-ins are written. */
  readonly writePath: string
  /** The one where `systemctl set-property --runtime` leaves its own. */
  readonly livePath: string
  /** Where the manager's notification socket is. */
  readonly notifySocket: string
  /** 0 in an image: it may run anywhere. */
  readonly memoryBytes: number
  readonly swapBytes: number
  readonly snapshot: Snapshot
  /** Directories that a plan may need and that are not there. */
  readonly missing: readonly string[]
  readonly hook?: ProgramFacts
  /** The target itself, or the instances of a template. */
  readonly units: readonly UnitFacts[]
}
