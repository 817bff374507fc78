import { posix } from 'node:path'
import { errnoOf, isGone } from '../kernel/errno.ts'
import type { KernelFile, KernelFiles } from '../kernel/kernel-files.ts'
import { counterIn } from './counters.ts'
import { lineage } from './directory.ts'
import type { Place } from './locate.ts'

/** A limit, and the file that holds it. */
export interface Limit {
  readonly bytes: number
  readonly heldBy: string
}

/** The limits of a place, kept open since they can change while the process runs. */
export interface Limits {
  /** The least of all; undefined where nothing limits. Throws when the cgroup is gone. */
  readonly read: () => Limit | undefined
  readonly close: () => void
}

/**
 * Opens `memory.max` and `memory.high` of a cgroup and of all that can be seen above it; with v1
 * `memory.limit_in_bytes`, and `hierarchical_memory_limit`, which reaches beyond what can be seen.
 * `fixed` are limits that do not change: the host's memory, and those that the application gives.
 */
export function openLimits(place: Place, files: KernelFiles, fixed: readonly Limit[]): Limits {
  const opened: { path: string; file: KernelFile; parse: (text: string) => number }[] = []
  const add = (path: string, parse: (text: string) => number) => {
    const file = openIfThere(files, path)
    if (file) opened.push({ path, file, parse })
  }
  const close = () => {
    for (const { file } of opened) file.close()
  }
  try {
    for (const directory of place.v2 ? lineage(place.v2) : []) {
      add(posix.join(directory, 'memory.max'), limitBytes)
      add(posix.join(directory, 'memory.high'), limitBytes)
    }
    for (const directory of place.v1Memory ? lineage(place.v1Memory) : []) {
      add(posix.join(directory, 'memory.limit_in_bytes'), limitBytes)
    }
    if (place.v1Memory) {
      add(
        posix.join(place.v1Memory.path, 'memory.stat'),
        (text) => counterIn(text, 'hierarchical_memory_limit') ?? Infinity,
      )
    }
  } catch (error) {
    close()
    throw error
  }
  return {
    read: () => {
      let least: Limit | undefined
      for (const limit of fixed) if (limit.bytes < (least?.bytes ?? Infinity)) least = limit
      for (const { path, file, parse } of opened) {
        const bytes = parse(file.read())
        // 0 is a limit for the kernel, but none that anything could be a share of.
        if (bytes > 0 && bytes < (least?.bytes ?? Infinity)) least = { bytes, heldBy: path }
      }
      return least
    },
    close,
  }
}

/** `max`, and v1's huge numbers, are more than any host has: the host's memory is less. */
function limitBytes(text: string): number {
  const value = text.trim()
  return value === 'max' ? Infinity : Number(value)
}

function openIfThere(files: KernelFiles, path: string): KernelFile | undefined {
  try {
    return files.open(path)
  } catch (error) {
    // What this user may not read cannot be named; what is above it still can.
    if (isGone(error) || errnoOf(error) === 'EACCES') return undefined
    throw error
  }
}
