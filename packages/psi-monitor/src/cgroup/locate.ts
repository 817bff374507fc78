import { isGone } from '../kernel/errno.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import { type CgroupDirectory, directoryIn } from './directory.ts'
import { goneProcess, ofTarget } from './gone-target.ts'
import { parseMembership } from './membership.ts'
import { type CgroupMount, parseMounts } from './mounts.ts'

/** Whose memory is watched: this process, another one, or a cgroup by its directory. */
export type Target = 'self' | { readonly pid: number } | { readonly cgroup: string }

/** Where the kernel keeps the accounts of a target. */
export interface Place {
  readonly v2?: CgroupDirectory
  /** In the hierarchy of v1's memory controller. */
  readonly v1Memory?: CgroupDirectory
  /** The directory of its process in procfs; undefined for a cgroup that was named itself. */
  readonly proc?: string
}

/**
 * Finds the cgroups of a target, anew at each call, since a process can be moved. Without procfs the
 * place is empty. Throws when the process or the cgroup that was asked for is not there.
 */
export function locate(target: Target, files: KernelFiles): Place {
  const mounts = parseMounts(textOf(files, '/proc/self/mountinfo'))
  if (typeof target === 'object' && 'cgroup' in target)
    return byDirectory(target.cgroup, mounts, files)
  const proc = procOf(target)
  const membership = parseMembership(
    target === 'self'
      ? textOf(files, `${proc}/cgroup`)
      : ofTarget(`process ${target.pid}`, () => files.readText(`${proc}/cgroup`)),
  )
  if (target !== 'self' && isZombie(textOf(files, `${proc}/status`))) throw goneProcess()
  const exists = (path: string) => isThere(files, path)
  const find = (path: string | undefined, fits: (mount: CgroupMount) => boolean) => {
    const mount = mounts.find(fits)
    return path !== undefined && mount ? directoryIn(mount, path, exists) : undefined
  }
  const v2 = find(membership.v2, isUnified)
  const v1Memory = find(membership.v1Memory, isV1Memory)
  return { ...(v2 && { v2 }), ...(v1Memory && { v1Memory }), proc }
}

/** The directory of a target's process in procfs. */
export function procOf(target: 'self' | { readonly pid: number }): string {
  return `/proc/${target === 'self' ? 'self' : target.pid}`
}

const isUnified = ({ version }: CgroupMount) => version === 2
const isV1Memory = ({ version, controllers }: CgroupMount) =>
  version === 1 && controllers.includes('memory')

function byDirectory(path: string, mounts: readonly CgroupMount[], files: KernelFiles): Place {
  const kind = ofTarget(`cgroup ${path}`, () => files.kindOf(path))
  if (kind !== 'directory') throw new TypeError(`${path} is no directory of a cgroup`)
  const mount = mounts
    .filter(({ mountPoint }) => path === mountPoint || path.startsWith(`${mountPoint}/`))
    .toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0]
  if (!mount) throw new TypeError(`${path} lies in no cgroup file system`)
  const directory = { path, top: mount.mountPoint }
  if (isUnified(mount)) return { v2: directory }
  if (isV1Memory(mount)) return { v1Memory: directory }
  throw new TypeError(`${path} lies in a hierarchy without the memory controller`)
}

/** With v1, a zombie is shown in the root: it is not to be charged with all that is there. */
function isZombie(status: string): boolean {
  return /^State:\s+[XZ]/m.test(status)
}

function isThere(files: KernelFiles, path: string): boolean {
  try {
    files.kindOf(path)
    return true
  } catch {
    return false
  }
}

/** Where there is no procfs, as on macOS, there is nothing to find. */
function textOf(files: KernelFiles, path: string): string {
  try {
    return files.readText(path)
  } catch (error) {
    if (isGone(error)) return ''
    throw error
  }
}
