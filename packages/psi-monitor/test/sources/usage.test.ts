import { describe, expect, it } from 'vitest'
import type { Place } from '../../src/cgroup/locate.ts'
import { METRICS, type WorkingSet } from '../../src/cgroup/working-set.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import { openUsage, type UsageParts } from '../../src/sources/usage.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { refusingFiles } from '../kit/refusing-files.ts'
import { SERVICE, serviceTree, statText } from '../kit/trees.ts'

const V1 = '/sys/fs/cgroup/memory/jobs'
const V1_TREE = {
  [`${V1}/memory.usage_in_bytes`]: '700\n',
  [`${V1}/memory.stat`]: 'total_rss 400\ntotal_inactive_file 100\ntotal_active_file 50\n',
}
const BOTH: Place = {
  v2: { path: SERVICE, top: '/sys/fs/cgroup' },
  v1Memory: { path: V1, top: '/sys/fs/cgroup/memory' },
  proc: '/proc/self',
}
const FULL_TREE = { ...serviceTree(), ...V1_TREE }
const ownRss = () => 77

const open = (parts: Partial<UsageParts>, texts: Readonly<Record<string, string>> = FULL_TREE) => {
  const opening = openUsage({
    place: BOTH,
    workingSet: 'unreclaimable',
    files: systemFiles(fakeRoot(texts).root),
    ownRss,
    ...parts,
  })
  if (opening.state !== 'live') throw new Error(opening.sentence)
  return opening
}
const without = (texts: Readonly<Record<string, string>>, ...paths: readonly string[]) =>
  Object.fromEntries(Object.entries(texts).filter(([path]) => !paths.includes(path)))

describe('memory in use is taken', () => {
  it('from cgroup v2 first', () => {
    const { source, path, sentence } = open({})
    expect([source.metric, source.isOfCgroup, path]).toEqual([
      'cgroup.unreclaimable',
      true,
      SERVICE,
    ])
    expect(source.read()).toBe(400)
    expect(sentence).toContain('cgroup v2')
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    [
      'cgroup v2 has no memory controller, or is the root',
      without(FULL_TREE, `${SERVICE}/memory.current`),
    ],
    ['`memory.stat` of cgroup v2 is not there', without(FULL_TREE, `${SERVICE}/memory.stat`)],
  ])('from cgroup v1 when %s', (_case, texts) => {
    const { source, path, sentence } = open({}, texts)
    expect([source.metric, source.isOfCgroup, path]).toEqual(['cgroup.unreclaimable', true, V1])
    expect(source.read()).toBe(550)
    expect(sentence).toContain('cgroup v1')
  })

  it('from the process when no cgroup has an account', () => {
    const { source, path } = open({}, without(serviceTree(), `${SERVICE}/memory.current`))
    expect([source.metric, source.isOfCgroup, path]).toEqual([
      'process.unreclaimable',
      false,
      '/proc/self/status',
    ])
    expect(source.read()).toBe(200 * 1024)
  })

  it('from Node.js when there is no procfs either', () => {
    const { source } = open({}, {})
    expect([source.metric, source.isOfCgroup, source.read()]).toEqual(['process.rss', false, 77])
  })

  it('from what this user may read', () => {
    const files = refusingFiles(systemFiles(fakeRoot(FULL_TREE).root), {
      [`open ${SERVICE}/memory.current`]: 'EACCES',
      [`open ${V1}/memory.stat`]: 'EACCES',
    })
    const { source } = open({ files })
    expect(source.metric).toBe('process.unreclaimable')
    source.close()
    expect(files.held()).toEqual([])
  })
})

describe('memory in use', () => {
  it.each<[WorkingSet, number, number]>([
    ['unreclaimable', 400, 550],
    ['kubelet', 400, 600],
    ['rss', 300, 400],
  ])('by the working set `%s`', (workingSet, v2, v1) => {
    const fromV2 = open({ workingSet })
    expect([fromV2.source.metric, fromV2.source.read()]).toEqual([METRICS[workingSet], v2])
    expect(fromV2.sentence).toContain(`working set: ${workingSet}`)
    const fromV1 = open({ workingSet, place: { v1Memory: BOTH.v1Memory! } })
    expect([fromV1.source.metric, fromV1.source.read()]).toEqual([METRICS[workingSet], v1])
    expect(fromV1.sentence).toContain(`working set: ${workingSet}`)
  })

  it('is read anew each time', () => {
    const tree = fakeRoot(FULL_TREE)
    const { source } = open({ files: systemFiles(tree.root) })
    expect(source.read()).toBe(400)
    tree.set(`${SERVICE}/memory.current`, '900\n')
    expect(source.read()).toBe(800)
  })

  it('grows as a leak takes the place of page cache, though the total stays at the limit', () => {
    const tree = fakeRoot({ ...FULL_TREE, [`${SERVICE}/memory.current`]: '1000\n' })
    const { source } = open({ files: systemFiles(tree.root) })
    for (const anon of [300, 500, 900]) {
      tree.set(`${SERVICE}/memory.stat`, statText({ anon, inactive_file: 1000 - anon }))
      expect(source.read()).toBe(anon)
    }
  })

  it.each([`${SERVICE}/memory.current`, `${SERVICE}/memory.stat`])(
    'cannot be told when the cgroup is gone: %s',
    (path) => {
      const files = systemFiles(fakeRoot(FULL_TREE).root)
      const { source } = open({ files: refusingFiles(files, { [`read ${path}`]: 'ENODEV' }) })
      expect(() => source.read()).toThrow('ENODEV')
    },
  )

  it('leaves nothing open', () => {
    for (const place of [BOTH, { v1Memory: BOTH.v1Memory! }, { proc: '/proc/self' }]) {
      const files = refusingFiles(systemFiles(fakeRoot(FULL_TREE).root))
      const { source } = open({ files, place })
      expect(files.held()).not.toEqual([])
      source.close()
      expect(files.held()).toEqual([])
    }
  })

  it('leaves nothing open when the system is out of file descriptors', () => {
    const files = refusingFiles(systemFiles(fakeRoot(FULL_TREE).root), {
      [`open ${SERVICE}/memory.stat`]: 'EMFILE',
    })
    expect(() => open({ files })).toThrow('EMFILE')
    expect(files.held()).toEqual([])
  })
})
