/** Where a cgroup hierarchy is mounted. */
export interface CgroupMount {
  readonly version: 1 | 2
  /** The controllers of a v1 hierarchy. */
  readonly controllers: readonly string[]
  /** The part of the hierarchy that the mount shows, as seen from this cgroup namespace. */
  readonly root: string
  readonly mountPoint: string
}

/** The cgroup mounts in the text of `/proc/<pid>/mountinfo` (proc_pid_mountinfo(5)). */
export function parseMounts(mountInfo: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = []
  for (const line of mountInfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root, mountPoint] = before.split(' ')
    const [type, , superOptions = ''] = after.split(' ')
    if (root === undefined || mountPoint === undefined) continue
    const place = { root: unescaped(root), mountPoint: unescaped(mountPoint) }
    if (type === 'cgroup2') mounts.push({ version: 2, controllers: [], ...place })
    if (type === 'cgroup') {
      mounts.push({ version: 1, controllers: superOptions.split(','), ...place })
    }
  }
  return mounts
}

/** Blanks and backslashes are written in octal. */
function unescaped(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_match, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  )
}
