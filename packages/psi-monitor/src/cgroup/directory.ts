import { posix } from 'node:path'
import type { CgroupMount } from './mounts.ts'

/** A cgroup as a directory. */
export interface CgroupDirectory {
  readonly path: string
  /** The highest directory of the hierarchy that can be seen from here. */
  readonly top: string
}

/**
 * Where a cgroup lies in a mount. A path that the mount does not show, as in a container with the
 * host's cgroup namespace, or one that climbs out of the namespace (cgroup_namespaces(7)), is the
 * mount's own directory: whoever set that up mounted the process's cgroup there.
 */
export function directoryIn(
  { root, mountPoint }: CgroupMount,
  cgroupPath: string,
  exists: (path: string) => boolean,
): CgroupDirectory {
  const top = { path: mountPoint, top: mountPoint }
  const inside = posix.relative(root, cgroupPath)
  const isOutside = [root, cgroupPath].some((path) => path.startsWith('/..'))
  if (inside === '' || inside.startsWith('..') || isOutside) return top
  const path = posix.join(mountPoint, inside)
  return exists(path) ? { path, top: mountPoint } : top
}

/** The directory and all above it, from the bottom up. */
export function lineage({ path, top }: CgroupDirectory): readonly string[] {
  const directories = [path]
  for (let at = path; at !== top && at.startsWith(`${top}/`);) {
    at = posix.dirname(at)
    directories.push(at)
  }
  return directories
}
