import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSnapshot } from '../../src/host/read-snapshot.ts'
import { resolve } from '../../src/host/resolve.ts'
import { parseUnitName } from '../../src/unit-file/unit-name.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { DIRECTORY, type Node, writeTree } from '../kit/tree.ts'

const UNIT = parseUnitName('w-a@1.service')
const PATHS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
]
const FEATURES = { prefixes: true, typeDirectory: true }
const SERVICE = '[Service]\nExecStart=/bin/true\n'

/** A snapshot of an image with these files. */
async function snapshotOf(nodes: Readonly<Record<string, Node>>, unit = UNIT) {
  const root = scratchDirectory()
  writeTree(root, nodes)
  const snapshot = await readSnapshot(PATHS, [unit], root)
  return { root, snapshot, resolution: resolve(unit, snapshot, FEATURES) }
}

test('what is not named after the unit is not read', async () => {
  const { snapshot } = await snapshotOf({
    'etc/systemd/system/w-a@.service': SERVICE,
    'etc/systemd/system/other.service': SERVICE,
    'etc/systemd/system/w-a@.service.d/10.conf': 'a',
    'etc/systemd/system/w-.service.d/20.conf': 'b',
    'run/systemd/system/service.d/30.conf': 'c',
    'etc/systemd/system/w-b@.service.d/10.conf': 'd',
    'etc/systemd/system/w-a@.service.d/.10.conf': 'e',
    'etc/systemd/system/w-a@.service.d/10.conf.tmp': 'f',
    'etc/systemd/system/w-a@.service.wants/10.conf': 'g',
  })
  expect([...snapshot.files.keys()].toSorted()).toEqual([
    '/etc/systemd/system/w-.service.d/20.conf',
    '/etc/systemd/system/w-a@.service',
    '/etc/systemd/system/w-a@.service.d/10.conf',
    '/run/systemd/system/service.d/30.conf',
  ])
  expect(snapshot.lookupPath).toEqual(PATHS)
})

test('a file comes with its bytes, mode and owner', async () => {
  const root = scratchDirectory()
  writeTree(root, { 'etc/systemd/system/w-a@1.service.d/10.conf': Buffer.from([0xff, 0x0a]) })
  chmodSync(join(root, 'etc/systemd/system/w-a@1.service.d/10.conf'), 0o640)
  const { files } = await readSnapshot(PATHS, [UNIT], root)
  expect(files.get('/etc/systemd/system/w-a@1.service.d/10.conf')).toEqual({
    bytes: Buffer.from([0xff, 0x0a]),
    isMask: false,
    mode: 0o640,
    uid: process.getuid?.(),
  })
})

test('what hides a weaker file is a mask: empty, a link to /dev/null or to nowhere, a directory', async () => {
  const own = 'etc/systemd/system/w-a@1.service.d'
  const weak = 'etc/systemd/system/w-a@.service.d'
  const { snapshot, resolution } = await snapshotOf({
    'etc/systemd/system/w-a@.service': SERVICE,
    [`${own}/1.conf`]: '',
    [`${own}/2.conf`]: { link: '/dev/null' },
    [`${own}/3.conf`]: { link: 'nowhere' },
    [`${own}/4.conf`]: DIRECTORY,
    [`${own}/5.conf`]: { link: '5.conf' },
    [`${weak}/1.conf`]: '[Service]\nA=1\n',
    [`${weak}/2.conf`]: '[Service]\nA=2\n',
    [`${weak}/3.conf`]: '[Service]\nA=3\n',
    [`${weak}/4.conf`]: '[Service]\nA=4\n',
    [`${weak}/5.conf`]: '[Service]\nA=5\n',
    [`${weak}/6.conf`]: '[Service]\nA=6\n',
  })
  expect(resolution.assignments.filter(({ key }) => key === 'A')).toMatchObject([{ value: '6' }])
  expect(resolution.dropIns).toHaveLength(6)
  expect(resolution.overridden).toHaveLength(5)
  const masks = [...snapshot.files].filter(([, { isMask }]) => isMask)
  expect(masks.map(([path]) => path).toSorted()).toEqual(
    [1, 2, 3, 4, 5].map((at) => `/${own}/${at}.conf`),
  )
})

test('the unit itself: masked, not there behind a link to nowhere, or broken', async () => {
  const at = 'etc/systemd/system/w-a@1.service'
  const usr = { 'usr/lib/systemd/system/w-a@.service': SERVICE }
  const state = async (node: Node) =>
    (await snapshotOf({ ...usr, [at]: node })).resolution.loadState
  expect(await state('')).toBe('masked')
  expect(await state({ link: '/dev/null' })).toBe('masked')
  expect(await state({ link: '../../dev/null' })).toBe('not-found')
  expect(await state({ link: '../../../dev/null' })).toBe('masked')
  expect(await state({ link: '/nowhere' })).toBe('not-found')
  expect(await state('[Service\n')).toBe('error')
  expect(await state(DIRECTORY)).toBe('loaded')
  expect((await snapshotOf({})).resolution).toMatchObject({
    loadState: 'not-found',
    fragment: undefined,
    dropIns: [],
  })
})

test('a directory that is a link is followed, and told', async () => {
  const { snapshot, resolution } = await snapshotOf({
    'srv/limits/10.conf': '[Service]\nA=1\n',
    'srv/20.conf': '[Service]\nA=2\n',
    'etc/systemd/system/w-a@1.service.d': { link: '/srv/limits' },
    'etc/systemd/system/w-a@.service.d/20.conf': { link: '../../../../srv/20.conf' },
    'etc/systemd/system/w-.service.d': { link: 'nowhere' },
  })
  expect(snapshot.links).toEqual(new Map([['/etc/systemd/system/w-a@1.service.d', '/srv/limits']]))
  expect(resolution.assignments.map(({ path, value }) => [path, value])).toEqual([
    ['/etc/systemd/system/w-a@1.service.d/10.conf', '1'],
    ['/etc/systemd/system/w-a@.service.d/20.conf', '2'],
  ])
})

test('no link leads out of an image', async () => {
  const outside = scratchDirectory()
  writeTree(outside, { 'x.conf': '[Service]\nStolen=1\n', 'd/x.conf': '[Service]\nStolen=2\n' })
  const up = '../'.repeat(30)
  const { snapshot } = await snapshotOf({
    'etc/systemd/system/w-a@1.service.d/1.conf': { link: join(outside, 'x.conf') },
    'etc/systemd/system/w-a@1.service.d/2.conf': { link: join(up, outside, 'x.conf') },
    'etc/systemd/system/w-a@.service.d': { link: join(outside, 'd') },
    'etc/systemd/system/w-.service.d': { link: join(up, outside, 'd') },
    'run/systemd': { link: outside },
  })
  const texts = Array.from(snapshot.files.values(), ({ bytes }) => Buffer.from(bytes).toString())
  expect(texts).toEqual(['', ''])
})

test('one directory under two names is read once, under the stronger one', async () => {
  const { snapshot } = await snapshotOf({
    lib: { link: 'usr/lib' },
    'usr/lib/systemd/system/w-a@.service': SERVICE,
    'usr/lib/systemd/system/w-a@.service.d/10.conf': 'a',
  })
  expect([...snapshot.files.keys()].toSorted()).toEqual([
    '/lib/systemd/system/w-a@.service',
    '/lib/systemd/system/w-a@.service.d/10.conf',
  ])
})

test('a pipe is not waited for', async () => {
  const root = scratchDirectory()
  writeTree(root, { 'etc/systemd/system/w-a@1.service.d': DIRECTORY })
  symlinkSync('/proc/self/fd/0', join(root, 'etc/systemd/system/w-a@1.service.d/x.conf'))
  const { files } = await readSnapshot(PATHS, [UNIT], root)
  expect([...files.values()]).toMatchObject([{ isMask: true, isDangling: true }])
})

test('what cannot be read is told, and keeps its name', async () => {
  const root = scratchDirectory()
  const at = '/etc/systemd/system'
  writeTree(root, { [`${at}/w-a@1.service.d/x.conf`]: 'a', [`${at}/w-.service.d/y.conf`]: 'b' })
  chmodSync(join(root, at, 'w-a@1.service.d/x.conf'), 0)
  chmodSync(join(root, at, 'w-.service.d'), 0)
  // Root may read everything.
  const isRoot = process.getuid?.() === 0
  if (isRoot) process.seteuid?.('nobody')
  try {
    const { files, unreadable } = await readSnapshot(PATHS, [UNIT], root)
    expect(files.get(`${at}/w-a@1.service.d/x.conf`)).toEqual({
      bytes: new Uint8Array(),
      isMask: false,
    })
    expect(unreadable).toEqual(
      new Map([
        [`${at}/w-a@1.service.d/x.conf`, 'EACCES'],
        [`${at}/w-.service.d`, 'EACCES'],
      ]),
    )
  } finally {
    if (isRoot) process.seteuid?.(0)
    chmodSync(join(root, at, 'w-.service.d'), 0o755)
  }
})
