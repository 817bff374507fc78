import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** v1's controllers, and cgroup v2 beside them: that is where a limit and pressure can be had at once. */
const HIERARCHIES = {
  memory: '/sys/fs/cgroup/memory',
  blkio: '/sys/fs/cgroup/blkio',
  unified: '/sys/fs/cgroup/unified',
} as const

const PREFIX = 'worker-recycler-bench-'

/** Cgroups of this run alone. */
export interface OwnCgroups {
  /** Makes one, its parents too, and writes its files, e.g. `memory.limit_in_bytes`. Gives its directory. */
  readonly make: (
    hierarchy: keyof typeof HIERARCHIES,
    path: string,
    files?: Readonly<Record<string, string>>,
  ) => string
  /** Removes all of them; the processes in them have ended. */
  readonly remove: () => Promise<void>
}

/** Why no cgroups can be had here; undefined where they can. */
export function withoutCgroups(): string | undefined {
  const missing = Object.values(HIERARCHIES).filter((path) => !existsSync(path))
  if (missing.length > 0) return `there is no ${missing.join(', no ')} (cgroup v1 beside v2)`
  try {
    openCgroups().make('unified', 'probe')
  } catch (error) {
    return `no cgroup can be made: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    for (const root of Object.values(HIERARCHIES)) removeTree(join(root, nameOf(process.pid)))
  }
  return undefined
}

/** Prepares cgroups; what runs that were broken off have left is removed. */
export function openCgroups(): OwnCgroups {
  for (const root of Object.values(HIERARCHIES)) {
    for (const name of readdirSync(root)) {
      const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : Number.NaN
      if (pid > 0 && pid !== process.pid && !existsSync(`/proc/${pid}`))
        removeTree(join(root, name))
    }
  }
  return {
    make: (hierarchy, path, files = {}) => {
      const directory = join(HIERARCHIES[hierarchy], nameOf(process.pid), path)
      mkdirSync(directory, { recursive: true })
      for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
      return directory
    },
    remove: async () => {
      for (const root of Object.values(HIERARCHIES)) {
        // A process that has just ended may keep it busy for a moment.
        for (let attempt = 0; attempt < 50; attempt++) {
          if (removeTree(join(root, nameOf(process.pid)))) break
          await pause(50)
        }
      }
    },
  }
}

const nameOf = (pid: number) => `${PREFIX}${pid}`

/** Directories of cgroups are removed from the bottom up; their files go with them. */
function removeTree(directory: string): boolean {
  if (!existsSync(directory)) return true
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name))
  }
  try {
    rmdirSync(directory)
    return true
  } catch {
    return false
  }
}
