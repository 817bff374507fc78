import type { SystemdFacts } from './facts.ts'

/** What a version of systemd understands, on a hierarchy. */
export interface Features {
  /** The memory keys that it reads at all; on cgroup v1 some of them do nothing. */
  readonly memoryKeys: readonly string[]
  /** `MemoryMax=` and its kin (231). */
  readonly memoryMax: boolean
  /** `MemoryLimit=` is still read (before 258). */
  readonly memoryLimit: boolean
  /** Memory is accounted for without being asked (238). */
  readonly accounting: boolean
  /** `MemorySwapMax=` (232, cgroup v2). */
  readonly swapMax: boolean
  /** `MemoryMin=` (240, cgroup v2). */
  readonly min: boolean
  /** `MemoryHigh=` and `MemoryLow=` do something (cgroup v2). */
  readonly high: boolean
  /** `OOMPolicy=` (243); without cgroup v2 it notices nothing. */
  readonly oomPolicy: boolean
  /** A command of `ExecStopPost=` is told how the service ended (232). */
  readonly endIsTold: boolean
  /** `StartLimitIntervalSec=` in `[Unit]` (230). */
  readonly startLimitInUnit: boolean
  /** `RestartSteps=` (254). */
  readonly restartSteps: boolean
  /** `MemoryPressureWatch=` (254, cgroup v2). */
  readonly pressureWatch: boolean
  /** `OpenFile=` (253). */
  readonly openFile: boolean
  /** `foo-.service.d` (239). */
  readonly prefixes: boolean
  /** `service.d` (244). */
  readonly typeDirectory: boolean
  /** A reload alone brings a changed limit to the kernel: from 235 on, but for 256 and 257. */
  readonly reloadApplies: boolean
}

const MEMORY_KEYS: readonly (readonly [key: string, from: number, before: number])[] = [
  ['MemoryMax', 231, Infinity],
  ['MemoryHigh', 231, Infinity],
  ['MemoryLow', 231, Infinity],
  ['MemoryMin', 240, Infinity],
  ['MemorySwapMax', 232, Infinity],
  ['MemoryLimit', 0, 258],
]

/** Looks up what the manager that runs here can do. */
export function featuresOf({
  version,
  hierarchy,
}: Pick<SystemdFacts, 'version' | 'hierarchy'>): Features {
  const isUnified = hierarchy === 'unified'
  const known = MEMORY_KEYS.filter(([, from, before]) => version >= from && version < before)
  return {
    memoryKeys: known.map(([key]) => key),
    memoryMax: version >= 231,
    memoryLimit: version < 258,
    accounting: version >= 238,
    swapMax: version >= 232 && isUnified,
    min: version >= 240 && isUnified,
    high: version >= 231 && isUnified,
    oomPolicy: version >= 243 && isUnified,
    endIsTold: version >= 232,
    startLimitInUnit: version >= 230,
    restartSteps: version >= 254,
    pressureWatch: version >= 254 && isUnified,
    openFile: version >= 253,
    prefixes: version >= 239,
    typeDirectory: version >= 244,
    reloadApplies: version >= 235 && version !== 256 && version !== 257,
  }
}
