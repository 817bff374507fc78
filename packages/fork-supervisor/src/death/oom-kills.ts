import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@worker-recycler/core'

/** Counts the processes that the kernel killed for memory, by cgroup. */
export interface OomKills {
  /** Counts for a worker; to be called when it starts, and now and then while it lives. */
  follow(pid: number): Promise<void>
  /** Whether the count of the worker's cgroup grew; each increment explains one death only. */
  claim(pid: number): Promise<boolean>
}

/** Counts older than this belong to something else that died in the same cgroup. */
const STALE_MS = 10_000

interface Counter {
  readonly path: string
  /**
   * So much of the count is accounted for: by deaths that claimed it, or by age. It follows one look
   * behind, for the kernel counts before the death notice arrives.
   */
  explained: number
  latest: number
  latestAtMs: number
}

/** Finds `oom_kill` in cgroup v2's `memory.events` or v1's `memory.oom_control` (Linux 4.13). */
export function parseOomKills(text: string): number | undefined {
  const match = /^oom_kill (\d+)$/m.exec(text)
  return match ? Number(match[1]) : undefined
}

/** The counter's possible files for the text of `/proc/<pid>/cgroup`, the likeliest first. */
export function oomKillPaths(cgroupText: string, cgroupRoot: string): string[] {
  const paths: string[] = []
  for (const line of cgroupText.split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    // A path that climbs out of the cgroup namespace (cgroup_namespaces(7)) names nothing here.
    const inside = path.startsWith('/..') ? '/' : path
    // Within a container without a cgroup namespace, the path is the host's: the mount is its end.
    if (controllers === '' && path !== '') {
      paths.push(join(cgroupRoot, inside, 'memory.events'), join(cgroupRoot, 'memory.events'))
    } else if (controllers.split(',').includes('memory')) {
      const root = join(cgroupRoot, 'memory')
      paths.unshift(join(root, inside, 'memory.oom_control'), join(root, 'memory.oom_control'))
    }
  }
  return paths
}

/** Makes the counter. Where there are no cgroups it never finds growth. */
export function createOomKills(parts: {
  readonly procRoot: string
  readonly cgroupRoot: string
  readonly clock: Clock
}): OomKills {
  const { procRoot, cgroupRoot, clock } = parts
  const counters = new Map<string, Counter>()
  const byPid = new Map<number, Counter>()

  const open = async (pid: number): Promise<Counter | undefined> => {
    const text = await readText(join(procRoot, String(pid), 'cgroup'))
    for (const path of oomKillPaths(text, cgroupRoot)) {
      const known = counters.get(path)
      if (known) return known
      const count = parseOomKills(await readText(path))
      if (count === undefined) continue
      const counter = { path, explained: count, latest: count, latestAtMs: clock.nowMs() }
      counters.set(path, counter)
      return counter
    }
    return undefined
  }

  const look = async (counter: Counter) => {
    const count = parseOomKills(await readText(counter.path)) ?? counter.latest
    const nowMs = clock.nowMs()
    if (nowMs - counter.latestAtMs >= STALE_MS) {
      counter.explained = Math.max(counter.explained, counter.latest)
      counter.latestAtMs = nowMs
    }
    counter.latest = Math.max(counter.latest, count)
  }

  return {
    follow: async (pid) => {
      const counter = byPid.get(pid) ?? (await open(pid))
      if (!counter) return
      byPid.set(pid, counter)
      if (clock.nowMs() - counter.latestAtMs >= STALE_MS) await look(counter)
    },
    claim: async (pid) => {
      const counter = byPid.get(pid)
      byPid.delete(pid)
      if (!counter) return false
      await look(counter)
      if (counter.latest <= counter.explained) return false
      counter.explained += 1
      return true
    },
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}
