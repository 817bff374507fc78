import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

/** Where the memory controller of cgroup v1 is. */
export const CGROUP_ROOT = '/sys/fs/cgroup/memory'

/** A cgroup with a limit, as a container has. */
export interface MemoryCgroup {
  readonly path: string
  /** What the kernel killed in it for want of memory. */
  readonly oomKills: () => number
  /** Removes it, once its last process is gone; at once where there was none. */
  readonly remove: () => Promise<void>
}

let made = 0

/** Makes a cgroup below this process's own. Throws where there is no such controller, or no permission. */
export function makeMemoryCgroup(limitBytes: number): MemoryCgroup {
  const own = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? ''
  made += 1
  const path = join(CGROUP_ROOT, own, `worker-recycler-container-${process.pid}-${made}`)
  const read = (name: string) => readFileSync(join(path, name), 'utf8')
  mkdirSync(path)
  try {
    writeFileSync(join(path, 'memory.limit_in_bytes'), String(limitBytes))
  } catch (error) {
    rmdirSync(path)
    throw error
  }
  return {
    path,
    oomKills: () => Number(/^oom_kill (\d+)$/m.exec(read('memory.oom_control'))?.[1]),
    remove: async () => {
      while (read('cgroup.procs') !== '') await turn()
      rmdirSync(path)
    },
  }
}
