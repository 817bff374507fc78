import { locate, type Place } from './cgroup/locate.ts'
import { METRICS, type WorkingSet } from './cgroup/working-set.ts'
import { expectOneOf } from './expect.ts'
import { isGone } from './kernel/errno.ts'
import type { KernelFiles } from './kernel/kernel-files.ts'
import { systemFiles } from './kernel/system-files.ts'
import { openUsage } from './sources/usage.ts'

/** What is read of a process from outside. */
export interface MemoryReaderOptions {
  /**
   * `cgroup`: all that its cgroup accounts for. `process`: the process alone. `auto`: its cgroup where
   * that is not the reader's own, as with children that share the parent's. Defaults to `auto`.
   */
  readonly of?: 'auto' | 'cgroup' | 'process'
  /** What counts as used. Defaults to `unreclaimable`. */
  readonly workingSet?: WorkingSet
  /** Stands before every path. Defaults to `/`. */
  readonly root?: string
}

/** Reads the memory of a process; undefined when it has ended, and where there is no procfs. */
export type MemoryReader = (
  pid: number,
  options?: { readonly signal?: AbortSignal },
) => Promise<{ readonly usedBytes: number; readonly metric: string } | undefined>

/**
 * Makes a reader for those who watch others, such as a supervisor its children: the same accounts as
 * those of `psiMonitor`. Nothing stays open between calls. Throws a TypeError for unknown options.
 */
export function memoryReader(options: MemoryReaderOptions = {}): MemoryReader {
  const of = expectOneOf('of', options.of ?? 'auto', ['auto', 'cgroup', 'process'])
  const workingSet = expectOneOf(
    'workingSet',
    options.workingSet ?? 'unreclaimable',
    Object.keys(METRICS) as WorkingSet[],
  )
  const files = systemFiles(options.root)
  return async (pid, { signal } = {}) => {
    signal?.throwIfAborted()
    try {
      const place = choose(locate({ pid }, files), of, files)
      const opening = openUsage({ place, workingSet, files, ownRss: undefined })
      if (opening.state !== 'live') return undefined
      const { source } = opening
      try {
        return { usedBytes: source.read(), metric: source.metric }
      } finally {
        source.close()
      }
    } catch (error) {
      if (isGone(error)) return undefined
      throw error
    }
  }
}

function choose(place: Place, of: 'auto' | 'cgroup' | 'process', files: KernelFiles): Place {
  const { proc } = place
  const process = proc === undefined ? {} : { proc }
  if (of === 'cgroup') return place
  if (of === 'process') return process
  return accountOf(place) === accountOf(locate('self', files)) ? process : place
}

/** With v1's memory controller there is none in cgroup v2. */
function accountOf({ v1Memory, v2 }: Place): string | undefined {
  return (v1Memory ?? v2)?.path
}
