import type { Reading } from '@worker-recycler/core'
import type { Place } from '../cgroup/locate.ts'
import type { SourceName, SourceReport } from '../sources/source.ts'

/** What advice goes by. */
export interface Findings {
  readonly sources: readonly SourceReport[]
  readonly place: Place
  readonly reading: Reading | undefined
  /** The cgroup has a `memory.high` of its own. */
  readonly isThrottled: boolean
}

/** How to hear more and earlier, a sentence each; what matters most comes first. Pure. */
export function advise(findings: Findings): readonly string[] {
  return [...accountAdvice(findings), ...limitAdvice(findings), ...stallAdvice(findings)]
}

function* accountAdvice({ sources, place, reading }: Findings): Iterable<string> {
  const events = sources.find(({ source }) => source === 'memory-events')
  if (isRefusedWith('EACCES', ['memory-events', 'stall-total'], sources)) {
    yield 'Run this as root, or as the user whose cgroup it is: more can be read then.'
  }
  if (place.v1Memory) {
    yield 'Boot with systemd.unified_cgroup_hierarchy=1: only cgroup v2 announces events and accounts for stalls.'
  } else if (place.v2 && isRoot(sources)) {
    yield 'Start it in a cgroup of its own, as a unit of systemd or in a container: the root cgroup has no account and no limit.'
  } else if (place.v2 && !reading?.metric.startsWith('cgroup.')) {
    yield 'Set MemoryAccounting=yes for its unit: the memory controller is not switched on for its cgroup.'
  }
  if (events?.state === 'live' && /\b(EMFILE|ENOSPC)\b/.test(events.sentence)) {
    yield 'Raise fs.inotify.max_user_instances and fs.inotify.max_user_watches by sysctl: events are then announced at once.'
  }
}

function* limitAdvice({ sources, reading, isThrottled }: Findings): Iterable<string> {
  if (!reading) return
  const { limitBytes, limitedBy } = reading
  if (limitBytes === undefined || limitedBy === "the host's memory") {
    yield "Set a limit, such as MemoryMax= of its unit or --memory of its container: nothing but the host's memory holds it."
  } else if (!isThrottled && isLive('memory-events', sources)) {
    yield 'Set MemoryHigh= to 85 to 90 % of MemoryMax=: the kernel then announces the first byte above it, before anything is killed.'
  }
}

function* stallAdvice({ sources, place }: Findings): Iterable<string> {
  if (isRefusedWith('EOPNOTSUPP', ['stall-total', 'host-pressure'], sources)) {
    yield 'Boot the kernel with psi=1: stalls are then accounted for.'
  } else if (isRefusedWith('ENOENT', ['stall-total'], sources) && place.v2) {
    yield isLive('host-pressure', sources)
      ? `Write 1 to ${place.v2.path}/cgroup.pressure: accounting for stalls is switched off for this cgroup.`
      : 'Use a kernel with PSI (Linux 4.20, CONFIG_PSI=y): stalls are then accounted for.'
  }
  if (isRefusedWith('EROFS', ['stall-trigger', 'systemd-watch'], sources)) {
    yield 'Triggers need a writable cgroup file system, though nothing depends on them: --security-opt writable-cgroups=true (Docker 28), --security-opt unmask=/sys/fs/cgroup (Podman), cgroup_writable (containerd).'
  }
}

function isLive(name: SourceName, sources: readonly SourceReport[]): boolean {
  return sources.some(({ source, state }) => source === name && state === 'live')
}

/** A refusal gives the kernel's code in its sentence. */
function isRefusedWith(
  code: string,
  names: readonly SourceName[],
  sources: readonly SourceReport[],
): boolean {
  return sources.some(
    ({ source, state, sentence }) =>
      names.includes(source) && state === 'refused' && sentence.includes(`${code}:`),
  )
}

/** Of the root of cgroup v2 it is said so; no file stands for its stalls. */
function isRoot(sources: readonly SourceReport[]): boolean {
  return sources.some(
    ({ source, state, path }) =>
      source === 'stall-total' && state === 'refused' && path === undefined,
  )
}
