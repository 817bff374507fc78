import { expect, test } from 'vitest'
import { parseMounts } from '../../src/cgroup/mounts.ts'
import { mountV1Memory, mountV2 } from '../kit/trees.ts'

const EXT4 = '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n'
const TMPFS = '30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n'

test('cgroup v2 under systemd is one mount without controllers', () => {
  expect(parseMounts(EXT4 + mountV2())).toEqual([
    { version: 2, controllers: [], root: '/', mountPoint: '/sys/fs/cgroup' },
  ])
})

test('a hybrid host has both versions, each v1 hierarchy with its controllers', () => {
  const cpu = '31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n'
  const text = EXT4 + TMPFS + cpu + mountV1Memory() + mountV2('/sys/fs/cgroup/unified')
  expect(
    parseMounts(text).map(({ version, controllers, mountPoint }) => ({
      version,
      controllers,
      mountPoint,
    })),
  ).toEqual([
    {
      version: 1,
      controllers: ['rw', 'cpu', 'cpuacct'],
      mountPoint: '/sys/fs/cgroup/cpu,cpuacct',
    },
    { version: 1, controllers: ['rw', 'memory'], mountPoint: '/sys/fs/cgroup/memory' },
    { version: 2, controllers: [], mountPoint: '/sys/fs/cgroup/unified' },
  ])
})

test('the root of a bind mount is the part of the hierarchy that it shows', () => {
  expect(parseMounts(mountV2('/sys/fs/cgroup', '/docker/abc'))[0]?.root).toBe('/docker/abc')
})

test.each([
  [String.raw`/mnt/my\040groups`, '/mnt/my groups'],
  [String.raw`/mnt/a\011b\012c`, '/mnt/a\tb\nc'],
  // A backslash is written as \134; what follows it is no escape of its own.
  [String.raw`/mnt/back\134040slash`, String.raw`/mnt/back\040slash`],
  [String.raw`/mnt/unit\134x2d1`, String.raw`/mnt/unit\x2d1`],
])('in a mount point %s stands for %j', (written, meant) => {
  expect(parseMounts(mountV2(written, written))).toEqual([
    { version: 2, controllers: [], root: meant, mountPoint: meant },
  ])
})

test.each([
  ['no optional field', '30 22 0:26 / /cg rw - cgroup2 cgroup2 rw\n'],
  ['two optional fields', '30 22 0:26 / /cg rw shared:9 master:2 - cgroup2 none rw\n'],
])('a line may have %s', (_case, line) => {
  expect(parseMounts(line).map(({ mountPoint }) => mountPoint)).toEqual(['/cg'])
})

test.each([
  ['nothing', ''],
  ['other file systems', EXT4 + TMPFS],
  ['a mount point that is called like one', '30 22 0:26 / /cgroup2 rw - tmpfs cgroup2 rw\n'],
  ['lines that are cut off', '30 22 0:26\n30 22 0:26 / - cgroup2\n- cgroup2 cgroup2 rw\n'],
])('there is no mount in %s', (_case, text) => {
  expect(parseMounts(text)).toEqual([])
})
