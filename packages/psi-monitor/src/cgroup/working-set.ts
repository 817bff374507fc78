import { counterIn } from './counters.ts'

/** What of a cgroup's memory counts as used. */
export type WorkingSet =
  /** What no reclaim takes back: everything but file pages and reclaimable slab. */
  | 'unreclaimable'
  /** What the kubelet counts: everything but inactive file pages; active ones are cache, too. */
  | 'kubelet'
  /** Anonymous memory alone. */
  | 'rss'

/** The metric by which readings of a working set go. */
export const METRICS: Readonly<Record<WorkingSet, string>> = {
  unreclaimable: 'cgroup.unreclaimable',
  kubelet: 'cgroup.workingSet',
  rss: 'cgroup.rss',
}

/**
 * Memory in use by cgroup v2's `memory.current` and `memory.stat` (cgroup-v2.rst). Shared memory and
 * tmpfs are on the anonymous lists and stay counted. The two are read one after the other, so that
 * the difference can pass below 0: then it is 0.
 */
export function usedBytesV2(workingSet: WorkingSet, currentBytes: number, stat: string): number {
  const of = (key: string) => counterIn(stat, key) ?? 0
  switch (workingSet) {
    case 'unreclaimable':
      return Math.max(
        0,
        currentBytes - of('inactive_file') - of('active_file') - of('slab_reclaimable'),
      )
    case 'kubelet':
      return Math.max(0, currentBytes - of('inactive_file'))
    case 'rss':
      return of('anon')
  }
}

/** The same by v1's `memory.usage_in_bytes` and the `total_` counters of `memory.stat` (memory.rst). */
export function usedBytesV1(workingSet: WorkingSet, usageBytes: number, stat: string): number {
  const of = (key: string) => counterIn(stat, `total_${key}`) ?? 0
  switch (workingSet) {
    case 'unreclaimable':
      return Math.max(0, usageBytes - of('inactive_file') - of('active_file'))
    case 'kubelet':
      return Math.max(0, usageBytes - of('inactive_file'))
    case 'rss':
      return of('rss')
  }
}
