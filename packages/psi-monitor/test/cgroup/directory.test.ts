import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directoryIn, lineage } from '../../src/cgroup/directory.ts'

const mountOf = (root: string, mountPoint = '/sys/fs/cgroup') => ({
  version: 2 as const,
  controllers: [],
  root,
  mountPoint,
})
const TOP = '/sys/fs/cgroup'
const all = () => true
const none = () => false

describe('the directory of a cgroup', () => {
  it.each([
    ['under systemd', '/', '/system.slice/worker.service', `${TOP}/system.slice/worker.service`],
    ['nested', '/', '/a/b/c/d', `${TOP}/a/b/c/d`],
    ['in a private namespace', '/', '/', TOP],
    ['that a bind mount shows', '/docker/abc', '/docker/abc', TOP],
    ['below what a bind mount shows', '/docker/abc', '/docker/abc/job', `${TOP}/job`],
    ['beside what a bind mount shows', '/docker/abc', '/docker/abcd', TOP],
    ['above what a bind mount shows', '/docker/abc', '/docker', TOP],
    ['at the root, with a bind mount', '/docker/abc', '/', TOP],
    ['outside of the namespace', '/', '/../x', TOP],
    ['right above the namespace', '/', '/..', TOP],
    ['under a mount from outside of the namespace', '/..', '/job', TOP],
    ['under a mount from far outside', '/../..', '/', TOP],
  ])('%s', (_case, root, path, expected) => {
    expect(directoryIn(mountOf(root), path, all)).toEqual({ path: expected, top: TOP })
  })

  it('is the mount itself when the mount does not show it', () => {
    expect(directoryIn(mountOf('/'), '/docker/abc', none)).toEqual({ path: TOP, top: TOP })
  })

  it('is asked for by its full path', () => {
    const asked: string[] = []
    directoryIn(mountOf('/docker/abc', '/cg'), '/docker/abc/job', (path) => {
      asked.push(path)
      return true
    })
    expect(asked).toEqual(['/cg/job'])
  })

  it('never lies outside of its mount', () => {
    const path = fc
      .array(fc.constantFrom('a', 'b', '..', 'docker'), { maxLength: 5 })
      .map((names) => `/${names.join('/')}`)
    fc.assert(
      fc.property(path, path, (root, cgroupPath) => {
        const { path: found, top } = directoryIn(mountOf(root), cgroupPath, all)
        expect(found === top || found.startsWith(`${top}/`)).toBe(true)
        expect(found.split('/')).not.toContain('..')
      }),
    )
  })
})

describe('the lineage', () => {
  it.each([
    [
      `${TOP}/system.slice/worker.service`,
      [`${TOP}/system.slice/worker.service`, `${TOP}/system.slice`, TOP],
    ],
    [TOP, [TOP]],
    ['/elsewhere/a', ['/elsewhere/a']],
    [`${TOP}-other/a`, [`${TOP}-other/a`]],
  ])('of %s goes up to the mount', (path, expected) => {
    expect(lineage({ path, top: TOP })).toEqual(expected)
  })

  it('has one directory for each name below the mount, the nearest first', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }), (names) => {
        const path = [TOP, ...names].join('/')
        const directories = lineage({ path, top: TOP })
        expect(directories).toHaveLength(names.length + 1)
        expect(directories[0]).toBe(path)
        expect(directories.at(-1)).toBe(TOP)
      }),
    )
  })
})
