import { goneProcess } from '../cgroup/gone-target.ts'
import type { KernelFile } from '../kernel/kernel-files.ts'
import type { Opening } from './source.ts'
import type { Usage, UsageParts } from './usage.ts'

const KIBIBYTE = 1024

/**
 * Memory of a single process, where no cgroup keeps an account. From procfs: what the kernel cannot
 * take back, `RssAnon` + `RssShmem` + `VmSwap`, or with the working set `rss` all that is resident,
 * `VmRSS` (proc_pid_status(5)). Elsewhere, as on macOS and Windows: what Node.js tells of itself.
 */
export function openProcessUsage(parts: UsageParts): Opening<Usage> {
  const { place, workingSet, files, ownRss } = parts
  const path = place.proc === undefined ? undefined : `${place.proc}/status`
  const file = path === undefined ? undefined : openStatus(parts, path)
  if (path !== undefined && file) {
    const used = workingSet === 'rss' ? residentBytes : unreclaimableBytes
    return {
      state: 'live',
      path,
      sentence: `The process itself is read (working set: ${workingSet === 'rss' ? 'rss' : 'unreclaimable'}).`,
      source: {
        metric: workingSet === 'rss' ? 'process.rss' : 'process.unreclaimable',
        isOfCgroup: false,
        read: () => used(file.read()),
        close: () => file.close(),
      },
    }
  }
  if (ownRss) {
    return {
      state: 'live',
      sentence: 'Neither cgroups nor procfs are there; Node.js tells its resident memory.',
      source: { metric: 'process.rss', isOfCgroup: false, read: ownRss, close: () => {} },
    }
  }
  // Throws what the kernel says of it, e.g. that there is no such process.
  if (path !== undefined) files.open(path).close()
  return { state: 'refused', sentence: 'No account of memory was found for it.' }
}

function openStatus({ files, ownRss }: UsageParts, path: string): KernelFile | undefined {
  try {
    return files.open(path)
  } catch (error) {
    if (ownRss) return undefined
    throw error
  }
}

function unreclaimableBytes(status: string): number {
  const anonymous = kibibytesIn(status, 'RssAnon')
  // gVisor tells only the whole.
  if (anonymous === undefined) return residentBytes(status)
  return (
    (anonymous + (kibibytesIn(status, 'RssShmem') ?? 0) + (kibibytesIn(status, 'VmSwap') ?? 0)) *
    KIBIBYTE
  )
}

function residentBytes(status: string): number {
  const resident = kibibytesIn(status, 'VmRSS')
  // A zombie still has a status, but no memory.
  if (resident === undefined) throw goneProcess()
  return resident * KIBIBYTE
}

function kibibytesIn(status: string, key: string): number | undefined {
  const start = status.indexOf(`\n${key}:`)
  return start === -1 ? undefined : Number.parseInt(status.slice(start + key.length + 2), 10)
}
