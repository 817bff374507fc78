import type { Reading } from '@worker-recycler/core'
import { locate } from '../cgroup/locate.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import type { SourceName, SourceReport } from '../sources/source.ts'
import { advise } from './advice.ts'
import type { NamedTarget } from './named-target.ts'

/** What tells of too little memory before the limit is reached. */
export type Warning =
  /** The kernel's events: `memory.high` is passed, reclaim fails. */
  | 'events'
  /** Tasks stand still. */
  | 'stalls'
  /** Usage against a limit: where memory goes if it goes on like this. */
  | 'forecast'

/** What `doctor` found. */
export interface Diagnosis {
  /** Memory is measured, and something warns before its limit. */
  readonly ok: boolean
  readonly target: NamedTarget['named']
  readonly sources: readonly SourceReport[]
  /** The first reading; undefined when nothing can be measured. */
  readonly reading?: Reading
  readonly warnings: readonly Warning[]
  /** How to have more of it, a sentence each. */
  readonly advice: readonly string[]
}

/** Judges what became of the sources. */
export function diagnose(
  { target, named }: NamedTarget,
  sources: readonly SourceReport[],
  reading: Reading | undefined,
  files: KernelFiles,
): Diagnosis {
  const place = locate(target, files)
  const isLive = (...names: SourceName[]) =>
    sources.some(({ source, state }) => state === 'live' && names.includes(source))
  const warnings: Warning[] = []
  if (isLive('memory-events')) warnings.push('events')
  if (isLive('stall-total', 'systemd-watch')) warnings.push('stalls')
  if (reading?.limitBytes !== undefined) warnings.push('forecast')
  // Its own: events of a `memory.high` further up are counted there.
  const isThrottled = place.v2 !== undefined && isSet(`${place.v2.path}/memory.high`, files)
  return {
    ok: reading !== undefined && warnings.length > 0,
    target: named,
    sources,
    ...(reading && { reading }),
    warnings,
    advice: advise({ sources, place, reading, isThrottled }),
  }
}

function isSet(path: string, files: KernelFiles): boolean {
  try {
    return files.readText(path).trim() !== 'max'
  } catch {
    return false
  }
}
