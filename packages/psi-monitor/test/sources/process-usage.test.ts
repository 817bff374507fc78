import { describe, expect, it } from 'vitest'
import type { Place } from '../../src/cgroup/locate.ts'
import type { WorkingSet } from '../../src/cgroup/working-set.ts'
import { errnoOf } from '../../src/kernel/errno.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import { openProcessUsage } from '../../src/sources/process-usage.ts'
import type { UsageParts } from '../../src/sources/usage.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { refusingFiles } from '../kit/refusing-files.ts'

const STATUS = `Name:\tVmRSS: 9 kB
State:\tS (sleeping)
VmPeak:\t  999999 kB
VmHWM:\t     900 kB
VmRSS:\t     600 kB
RssAnon:\t     400 kB
RssFile:\t     150 kB
RssShmem:\t      50 kB
VmData:\t    9999 kB
VmSwap:\t      30 kB
Threads:\t11
`
const ZOMBIE = 'Name:\tnode\nState:\tZ (zombie)\nThreads:\t1\n'
const GVISOR =
  'Name:\tnode\nState:\tS (sleeping)\nVmSize:\t 9000 kB\nVmRSS:\t 600 kB\nVmData:\t 5 kB\n'
const SELF: Place = { proc: '/proc/self' }

const open = (status: string, parts: Partial<UsageParts> = {}) => {
  const opening = openProcessUsage({
    place: SELF,
    workingSet: 'unreclaimable',
    files: systemFiles(fakeRoot({ '/proc/self/status': status }).root),
    ownRss: undefined,
    ...parts,
  })
  if (opening.state !== 'live') throw new Error(opening.sentence)
  return opening
}
const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    return errnoOf(error)
  }
  return 'none'
}

describe('memory of a process', () => {
  it.each<[WorkingSet, string, number]>([
    // Anonymous, shared and swapped out: file pages can be taken back.
    ['unreclaimable', 'process.unreclaimable', (400 + 50 + 30) * 1024],
    ['kubelet', 'process.unreclaimable', (400 + 50 + 30) * 1024],
    ['rss', 'process.rss', 600 * 1024],
  ])('by the working set `%s` is %s', (workingSet, metric, expected) => {
    const { source, path } = open(STATUS, { workingSet })
    expect([source.metric, source.read()]).toEqual([metric, expected])
    expect([source.isOfCgroup, path]).toEqual([false, '/proc/self/status'])
  })

  it('counts what the kernel does not tell apart as 0', () => {
    expect(open('Name:\tnode\nRssAnon:\t 400 kB\n').source.read()).toBe(400 * 1024)
  })

  it('is all that is resident where only that is told, as in gVisor', () => {
    expect(open(GVISOR).source.read()).toBe(600 * 1024)
  })

  it.each<WorkingSet>(['unreclaimable', 'rss'])('of a zombie is gone (%s)', (workingSet) => {
    const { source } = open(ZOMBIE, { workingSet })
    expect(codeOf(() => source.read())).toBe('ESRCH')
  })

  it('is asked of Node.js where procfs is not there', () => {
    const { source, path } = open(STATUS, { place: { proc: '/proc/missing' }, ownRss: () => 77 })
    expect([source.metric, source.read(), path]).toEqual(['process.rss', 77, undefined])
    source.close()
  })

  it('is not asked of Node.js for another process', () => {
    expect(codeOf(() => open(STATUS, { place: { proc: '/proc/42' } }))).toBe('ENOENT')
    const files = systemFiles(fakeRoot({}).root)
    const refused = refusingFiles(files, { 'open /proc/42/status': 'EACCES' })
    expect(codeOf(() => open('', { place: { proc: '/proc/42' }, files: refused }))).toBe('EACCES')
  })

  it('cannot be had of a cgroup that has no process of its own', () => {
    expect(() => open(STATUS, { place: {} })).toThrow('No account of memory was found for it.')
  })
})
