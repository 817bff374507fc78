import { posix } from 'node:path'
import type { MemoryEvents } from '@worker-recycler/core'
import { counterIn, growthOf } from '../cgroup/counters.ts'
import type { CgroupDirectory } from '../cgroup/directory.ts'
import { reasonOf } from '../kernel/errno.ts'
import type { KernelFile, KernelFiles } from '../kernel/kernel-files.ts'
import type { Opening, OpenSource } from './source.ts'

/** The counters of `memory.events`. */
export interface EventCounters extends OpenSource {
  /** Increments since the last call; undefined when nothing happened. Throws when the cgroup is gone. */
  readonly read: () => MemoryEvents | undefined
}

type Counts = Readonly<Record<keyof MemoryEvents, number>>

/** Hierarchical, and of this cgroup alone; with `memory_localevents` the first is like the second. */
const FILES = ['memory.events', 'memory.events.local'] as const

/**
 * Opens the counters and asks for file-modified events, which the kernel sends for each change at
 * once (cgroup-v2.rst), on a read-only file system too. Where no watch can be had the counters are
 * still read with every sample.
 */
export function openMemoryEvents(
  directory: CgroupDirectory | undefined,
  files: KernelFiles,
  wake: () => void,
): Opening<EventCounters> {
  if (!directory) return { state: 'refused', sentence: 'There is no cgroup v2 to count events.' }
  const { path } = directory
  const opened: KernelFile[] = []
  const unwatch: (() => void)[] = []
  const close = () => {
    for (const stop of unwatch) stop()
    for (const file of opened) file.close()
  }
  let failure: unknown
  for (const name of FILES) {
    try {
      opened.push(files.open(posix.join(path, name)))
    } catch (error) {
      failure = error
    }
  }
  if (opened.length === 0) {
    const sentence = `The cgroup counts no memory events: ${reasonOf(failure)}.`
    return { state: 'refused', path, sentence }
  }
  let read: EventCounters['read']
  try {
    read = increments(opened)
  } catch (error) {
    close()
    throw error
  }
  let unwatched: unknown
  for (const name of FILES) {
    try {
      unwatch.push(
        files.watch(posix.join(path, name), {
          modified: wake,
          // The next sample finds out whether the cgroup is gone.
          ended: wake,
        }),
      )
    } catch (error) {
      unwatched = error
    }
  }
  return {
    state: 'live',
    path,
    sentence:
      unwatch.length > 0
        ? 'The kernel announces `high`, `max`, `oom` and `oom_kill` at once.'
        : `The counters are read with every sample, as they cannot be watched: ${reasonOf(unwatched)}.`,
    source: { read, close },
  }
}

/** Starts from what was counted before: that is history. */
function increments(files: readonly KernelFile[]): () => MemoryEvents | undefined {
  let before = files.map((file) => countsIn(file.read()))
  return () => {
    const now = files.map((file) => countsIn(file.read()))
    const growth = (key: keyof MemoryEvents) =>
      Math.max(...now.map((counts, index) => growthOf(before[index]?.[key] ?? 0, counts[key])))
    const grown = {
      high: growth('high'),
      max: growth('max'),
      oom: growth('oom'),
      oomKill: growth('oomKill'),
    }
    before = now
    return Object.values(grown).some((count) => count > 0) ? grown : undefined
  }
}

function countsIn(text: string): Counts {
  return {
    high: counterIn(text, 'high') ?? 0,
    max: counterIn(text, 'max') ?? 0,
    oom: counterIn(text, 'oom') ?? 0,
    oomKill: counterIn(text, 'oom_kill') ?? 0,
  }
}
