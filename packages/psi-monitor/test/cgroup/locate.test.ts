import { describe, expect, it } from 'vitest'
import { locate, procOf, type Target } from '../../src/cgroup/locate.ts'
import { errnoOf } from '../../src/kernel/errno.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { refusingFiles } from '../kit/refusing-files.ts'
import { mountV1Memory, mountV2, SERVICE, serviceTree } from '../kit/trees.ts'

const TOP = '/sys/fs/cgroup'
const V1_TOP = '/sys/fs/cgroup/memory'
const UNIFIED = '/sys/fs/cgroup/unified'

/** A tree of mounts, the memberships of this process, and cgroups by a file in each. */
const treeOf = (mounts: string, membership: string, ...directories: string[]) => ({
  '/proc/self/mountinfo': mounts,
  '/proc/self/cgroup': membership,
  ...Object.fromEntries(directories.map((path) => [`${path}/cgroup.procs`, ''])),
})
const locateIn = (files: Readonly<Record<string, string>>, target: Target = 'self') =>
  locate(target, systemFiles(fakeRoot(files).root))

describe('the cgroups of this process', () => {
  it('under systemd with cgroup v2', () => {
    expect(locateIn(serviceTree())).toEqual({
      v2: { path: SERVICE, top: TOP },
      proc: '/proc/self',
    })
  })

  it('nested below a service', () => {
    const tree = { ...serviceTree(), [`${SERVICE}/jobs/1/cgroup.procs`]: '' }
    const membership = '0::/system.slice/worker.service/jobs/1\n'
    expect(locateIn({ ...tree, '/proc/self/cgroup': membership }).v2).toEqual({
      path: `${SERVICE}/jobs/1`,
      top: TOP,
    })
  })

  it('in a private cgroup namespace, whose files are at the root of the mount', () => {
    expect(locateIn(treeOf(mountV2(), '0::/\n', TOP)).v2).toEqual({ path: TOP, top: TOP })
  })

  it('in a container with the cgroup namespace of the host', () => {
    const membership = '0::/system.slice/docker-abc.scope\n'
    expect(locateIn(treeOf(mountV2(), membership, TOP)).v2).toEqual({ path: TOP, top: TOP })
  })

  it('in a container that has its cgroup as a bind mount', () => {
    const mounts = mountV2(TOP, '/docker/abc')
    expect(locateIn(treeOf(mounts, '0::/docker/abc\n', TOP)).v2?.path).toBe(TOP)
    const nested = treeOf(mounts, '0::/docker/abc/job\n', `${TOP}/job`)
    expect(locateIn(nested).v2).toEqual({ path: `${TOP}/job`, top: TOP })
  })

  it('moved out of its namespace', () => {
    expect(locateIn(treeOf(mountV2(), '0::/../x\n', `${TOP}/x`)).v2?.path).toBe(TOP)
  })

  it('removed while it was in it', () => {
    expect(locateIn(treeOf(mountV2(), '0::/a (deleted)\n', TOP)).v2?.path).toBe(TOP)
  })

  it('removed and made anew', () => {
    const tree = treeOf(mountV2(), '0::/a (deleted)\n', `${TOP}/a`)
    expect(locateIn(tree).v2?.path).toBe(`${TOP}/a`)
  })

  it('on a hybrid host, in both hierarchies', () => {
    const mounts = mountV1Memory() + mountV2(UNIFIED)
    const tree = treeOf(mounts, '4:memory:/jobs/a\n0::/\n', `${V1_TOP}/jobs/a`, UNIFIED)
    expect(locateIn(tree)).toEqual({
      v2: { path: UNIFIED, top: UNIFIED },
      v1Memory: { path: `${V1_TOP}/jobs/a`, top: V1_TOP },
      proc: '/proc/self',
    })
  })

  it('on a host with v1 alone, its memory controller mounted with others', () => {
    const mount =
      '34 30 0:31 / /sys/fs/cgroup/all rw,relatime - cgroup cgroup rw,cpuset,memory,pids\n'
    const tree = treeOf(mount, '2:cpuset,memory,pids:/a\n', '/sys/fs/cgroup/all/a')
    expect(locateIn(tree)).toEqual({
      v1Memory: { path: '/sys/fs/cgroup/all/a', top: '/sys/fs/cgroup/all' },
      proc: '/proc/self',
    })
  })

  it('in a container with v1, of which it sees its own part', () => {
    const tree = treeOf(mountV1Memory(V1_TOP, '/docker/abc'), '4:memory:/docker/abc\n', V1_TOP)
    expect(locateIn(tree).v1Memory).toEqual({ path: V1_TOP, top: V1_TOP })
  })

  it('where a v1 hierarchy without memory is mounted alone', () => {
    const mount = '31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n'
    const tree = treeOf(mount, '4:memory:/a\n1:cpu:/a\n', '/sys/fs/cgroup/cpu/a')
    expect(locateIn(tree)).toEqual({ proc: '/proc/self' })
  })

  it('under a mount point with a blank', () => {
    const tree = treeOf(mountV2(String.raw`/mnt/my\040groups`), '0::/a\n', '/mnt/my groups/a')
    expect(locateIn(tree).v2?.path).toBe('/mnt/my groups/a')
  })

  it('are none where cgroups are not mounted', () => {
    expect(locateIn(treeOf('', '0::/a\n'))).toEqual({ proc: '/proc/self' })
  })

  it('are none without procfs, as on macOS', () => {
    expect(locateIn({})).toEqual({ proc: '/proc/self' })
  })

  it('are not guessed when the system refuses to tell', () => {
    const files = systemFiles(fakeRoot(serviceTree()).root)
    const refused = refusingFiles({
      ...files,
      readText: (path) => {
        if (path === '/proc/self/cgroup') throw Object.assign(new Error('no'), { code: 'EACCES' })
        return files.readText(path)
      },
    })
    expect(() => locate('self', refused)).toThrow('no')
  })

  it('are found anew at each call', () => {
    const tree = fakeRoot({ ...serviceTree(), [`${TOP}/a/cgroup.procs`]: '' })
    const files = systemFiles(tree.root)
    expect(locate('self', files).v2?.path).toBe(SERVICE)
    tree.set('/proc/self/cgroup', '0::/a\n')
    expect(locate('self', files).v2?.path).toBe(`${TOP}/a`)
  })
})

describe('the cgroups of another process', () => {
  const ofChild = (files: Readonly<Record<string, string>>) =>
    locateIn({ ...serviceTree(), ...files }, { pid: 42 })
  const child = {
    '/proc/42/cgroup': '0::/jobs/1\n',
    '/proc/42/status': 'Name:\tnode\nState:\tS (sleeping)\nVmRSS:\t 300 kB\n',
    [`${TOP}/jobs/1/cgroup.procs`]: '',
  }

  it('are its own', () => {
    expect(ofChild(child)).toEqual({
      v2: { path: `${TOP}/jobs/1`, top: TOP },
      proc: '/proc/42',
    })
  })

  it('cannot be found when there is no such process', () => {
    expect(codeOf(() => ofChild({}))).toBe('ENOENT')
  })

  it.each(['Z (zombie)', 'X (dead)'])('are none when it has ended: %s', (state) => {
    const files = { ...child, '/proc/42/status': `Name:\tnode\nState:\t${state}\n` }
    expect(codeOf(() => ofChild(files))).toBe('ESRCH')
  })

  it('are found though its state cannot be read', () => {
    const { '/proc/42/status': _status, ...rest } = child
    expect(ofChild(rest).v2?.path).toBe(`${TOP}/jobs/1`)
  })
})

describe('a cgroup by its directory', () => {
  const tree = {
    ...serviceTree(),
    '/proc/self/mountinfo': mountV2(UNIFIED) + mountV1Memory() + mountV2(),
    [`${V1_TOP}/a/cgroup.procs`]: '',
    [`${UNIFIED}/a/cgroup.procs`]: '',
    '/sys/fs/cgroup-other/a/cgroup.procs': '',
  }
  const at = (cgroup: string, files: Readonly<Record<string, string>> = tree) =>
    locateIn(files, { cgroup })

  it('lies in the hierarchy of the nearest mount', () => {
    expect(at(SERVICE)).toEqual({ v2: { path: SERVICE, top: TOP } })
    expect(at(`${UNIFIED}/a`)).toEqual({ v2: { path: `${UNIFIED}/a`, top: UNIFIED } })
    expect(at(`${V1_TOP}/a`)).toEqual({ v1Memory: { path: `${V1_TOP}/a`, top: V1_TOP } })
  })

  it('may be the mount itself', () => {
    expect(at(TOP)).toEqual({ v2: { path: TOP, top: TOP } })
  })

  it('is refused when it is not there', () => {
    expect(codeOf(() => at(`${TOP}/missing`))).toBe('ENOENT')
    expect(() => at(`${TOP}/missing`)).toThrow(`There is no cgroup ${TOP}/missing`)
  })

  it('is refused when it is a file', () => {
    expect(() => at(`${SERVICE}/memory.max`)).toThrow(
      new TypeError(`${SERVICE}/memory.max is no directory of a cgroup`),
    )
  })

  it.each(['/sys/fs/cgroup-other/a', '/proc/self', '/sys/fs'])(
    'is refused in no cgroup file system: %s',
    (path) => {
      expect(() => at(path)).toThrow(new TypeError(`${path} lies in no cgroup file system`))
    },
  )

  it('is refused in a hierarchy without the memory controller', () => {
    const cpu = '31 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n'
    const path = '/sys/fs/cgroup/cpu/a'
    expect(() => at(path, treeOf(cpu, '', path))).toThrow(
      new TypeError(`${path} lies in a hierarchy without the memory controller`),
    )
  })
})

it('the directory of a process in procfs goes by its id', () => {
  expect([procOf('self'), procOf({ pid: 42 })]).toEqual(['/proc/self', '/proc/42'])
})

function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    return errnoOf(error)
  }
  return 'none'
}
