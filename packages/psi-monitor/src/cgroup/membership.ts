/** The cgroups that a process is in, by hierarchy. */
export interface Membership {
  /** Its path in cgroup v2. */
  readonly v2?: string
  /** Its path in the hierarchy of v1's memory controller. */
  readonly v1Memory?: string
}

const DELETED = ' (deleted)'

/** Reads the text of `/proc/<pid>/cgroup` (cgroups(7)). */
export function parseMembership(text: string): Membership {
  let v2: string | undefined
  let v1Memory: string | undefined
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    const cleaned = path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path
    if (controllers === '') v2 = cleaned
    else if (controllers.split(',').includes('memory')) v1Memory = cleaned
  }
  return { ...(v2 !== undefined && { v2 }), ...(v1Memory !== undefined && { v1Memory }) }
}
