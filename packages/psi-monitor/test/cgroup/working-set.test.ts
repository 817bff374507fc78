import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { METRICS, usedBytesV1, usedBytesV2, type WorkingSet } from '../../src/cgroup/working-set.ts'
import { statText } from '../kit/trees.ts'

const SETS = Object.keys(METRICS) as WorkingSet[]

const V2 = statText({ anon: 300, inactive_file: 100, active_file: 40, slab_reclaimable: 7 })
/** The counters without `total_` are of the cgroup alone, without those below it. */
const V1 =
  'cache 1\nrss 2\ninactive_file 3\nactive_file 4\nhierarchical_memory_limit 900\ntotal_cache 150\ntotal_rss 290\ntotal_rss_huge 200\ntotal_inactive_anon 0\ntotal_active_anon 290\ntotal_inactive_file 100\ntotal_active_file 40\n'

describe('memory in use by cgroup v2', () => {
  it.each<[WorkingSet, number]>([
    ['unreclaimable', 500 - 100 - 40 - 7],
    ['kubelet', 500 - 100],
    ['rss', 300],
  ])('as %s', (workingSet, expected) => {
    expect(usedBytesV2(workingSet, 500, V2)).toBe(expected)
  })

  it('counts what a file of `memory.stat` does not tell as 0', () => {
    expect(SETS.map((set) => usedBytesV2(set, 500, 'kernel 4096\n'))).toEqual([500, 500, 0])
  })

  it('grows with shared memory and tmpfs, which no list of files holds', () => {
    expect(usedBytesV2('unreclaimable', 500 + 64, `${V2}shmem 64\n`)).toBe(353 + 64)
  })

  it('does not grow with page cache', () => {
    const full = statText({ anon: 300, inactive_file: 600, active_file: 540, slab_reclaimable: 7 })
    expect(usedBytesV2('unreclaimable', 500 + 1000, full)).toBe(353)
  })
})

describe('memory in use by cgroup v1', () => {
  it.each<[WorkingSet, number]>([
    ['unreclaimable', 500 - 100 - 40],
    ['kubelet', 500 - 100],
    ['rss', 290],
  ])('as %s', (workingSet, expected) => {
    expect(usedBytesV1(workingSet, 500, V1)).toBe(expected)
  })

  it('counts the cgroup and all below it', () => {
    const alone = 'rss 2\ninactive_file 3\nactive_file 4\n'
    expect(SETS.map((set) => usedBytesV1(set, 500, alone))).toEqual([500, 500, 0])
  })
})

describe('memory in use', () => {
  it('is never below 0, though the two files are read one after the other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (total, inactive, active, slab) => {
        const v2 = statText({
          inactive_file: inactive,
          active_file: active,
          slab_reclaimable: slab,
        })
        const v1 = `total_inactive_file ${inactive}\ntotal_active_file ${active}\n`
        for (const set of SETS) {
          expect(usedBytesV2(set, total, v2)).toBeGreaterThanOrEqual(0)
          expect(usedBytesV1(set, total, v1)).toBeGreaterThanOrEqual(0)
        }
      }),
    )
  })

  it('that no reclaim takes back is at most what the kubelet counts', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.nat(), (total, inactive, active, slab) => {
        const stat = statText({
          inactive_file: inactive,
          active_file: active,
          slab_reclaimable: slab,
        })
        expect(usedBytesV2('unreclaimable', total, stat)).toBeLessThanOrEqual(
          usedBytesV2('kubelet', total, stat),
        )
      }),
    )
  })

  it('has a metric of its own for each working set', () => {
    expect(METRICS).toEqual({
      unreclaimable: 'cgroup.unreclaimable',
      kubelet: 'cgroup.workingSet',
      rss: 'cgroup.rss',
    })
  })
})
