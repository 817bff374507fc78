import { posix } from 'node:path'
import type { Place } from '../cgroup/locate.ts'
import { METRICS, usedBytesV1, usedBytesV2, type WorkingSet } from '../cgroup/working-set.ts'
import { errnoOf, isGone } from '../kernel/errno.ts'
import type { KernelFile, KernelFiles } from '../kernel/kernel-files.ts'
import { openProcessUsage } from './process-usage.ts'
import type { Opening, OpenSource } from './source.ts'

/** Memory in use. */
export interface Usage extends OpenSource {
  /** What is counted, e.g. `cgroup.unreclaimable`. */
  readonly metric: string
  /** Else of a single process. */
  readonly isOfCgroup: boolean
  /** Bytes in use now. Throws when the cgroup or the process is gone. */
  readonly read: () => number
}

/** What memory in use is read from. */
export interface UsageParts {
  readonly place: Place
  readonly workingSet: WorkingSet
  readonly files: KernelFiles
  /** Resident memory of this process as Node.js tells it; undefined where another one is watched. */
  readonly ownRss: (() => number) | undefined
}

/** Opens the best account of memory that there is: cgroup v2, cgroup v1, the process, Node.js. */
export function openUsage(parts: UsageParts): Opening<Usage> {
  return fromV2(parts) ?? fromV1(parts) ?? openProcessUsage(parts)
}

function fromV2({ place: { v2 }, workingSet, files }: UsageParts): Opening<Usage> | undefined {
  // The root cgroup has no `memory.current`, nor has any where v1 holds the memory controller.
  const pair = v2 && openPair(files, v2.path, 'memory.current')
  if (!pair) return undefined
  return {
    state: 'live',
    path: v2.path,
    sentence: `\`memory.current\` and \`memory.stat\` of cgroup v2 are read (working set: ${workingSet}).`,
    source: {
      metric: METRICS[workingSet],
      isOfCgroup: true,
      read: reader(pair, (current, stat) => usedBytesV2(workingSet, current, stat)),
      close: () => closePair(pair),
    },
  }
}

function fromV1({
  place: { v1Memory },
  workingSet,
  files,
}: UsageParts): Opening<Usage> | undefined {
  const pair = v1Memory && openPair(files, v1Memory.path, 'memory.usage_in_bytes')
  if (!pair) return undefined
  return {
    state: 'live',
    path: v1Memory.path,
    sentence: `\`memory.usage_in_bytes\` and \`memory.stat\` of cgroup v1 are read (working set: ${workingSet}).`,
    source: {
      metric: METRICS[workingSet],
      isOfCgroup: true,
      read: reader(pair, (usage, stat) => usedBytesV1(workingSet, usage, stat)),
      close: () => closePair(pair),
    },
  }
}

interface Pair {
  readonly total: KernelFile
  readonly stat: KernelFile
}

function openPair(files: KernelFiles, directory: string, totalName: string): Pair | undefined {
  const total = openIfAllowed(files, posix.join(directory, totalName))
  if (!total) return undefined
  let stat: KernelFile | undefined
  try {
    stat = openIfAllowed(files, posix.join(directory, 'memory.stat'))
  } finally {
    if (!stat) total.close()
  }
  return stat && { total, stat }
}

function closePair({ total, stat }: Pair): void {
  total.close()
  stat.close()
}

/** At its limit a cgroup trades page cache for memory that leaks: the total alone stays the same. */
function reader(
  { total, stat }: Pair,
  usedBytes: (totalBytes: number, stat: string) => number,
): () => number {
  return () => usedBytes(Number(total.read()), stat.read())
}

function openIfAllowed(files: KernelFiles, path: string): KernelFile | undefined {
  try {
    return files.open(path)
  } catch (error) {
    if (isGone(error) || errnoOf(error) === 'EACCES') return undefined
    throw error
  }
}
