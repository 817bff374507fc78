import { posix } from 'node:path'
import type { Clock } from '@worker-recycler/core'
import type { Place } from '../cgroup/locate.ts'
import { errnoOf, reasonOf } from '../kernel/errno.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import type { Sampling } from '../sampling.ts'
import type { Opening } from './source.ts'
import { openStallTotal, type StallTotal } from './stall-total.ts'
import { openStallTrigger, type StallTrigger } from './stall-trigger.ts'
import { type StallThreshold, triggerBytes } from './trigger-text.ts'

/** Where the own stalls are counted, or why nowhere. */
export type PressureFile =
  | { readonly path: string }
  | { readonly state: 'off' | 'refused'; readonly sentence: string }

/** The file that systemd names, where it is one of a cgroup; else that of the own cgroup. */
export function findPressureFile(
  { request }: Sampling,
  { v2 }: Place,
  files: KernelFiles,
): PressureFile {
  if (request.kind === 'off') {
    return { state: 'off', sentence: 'Pressure handling is switched off for this service.' }
  }
  if (request.kind === 'watch' && isCgroupFile(request.path, files)) return { path: request.path }
  if (!v2) return { state: 'refused', sentence: 'There is no cgroup v2 to account for stalls.' }
  if (!hasFile(posix.join(v2.path, 'cgroup.events'), files)) {
    const sentence =
      'It is in the root of cgroup v2, whose stalls are those of the whole host; they are context only.'
    return { state: 'refused', sentence }
  }
  return { path: posix.join(v2.path, 'memory.pressure') }
}

/** Opens the totals of the own stalls. */
export function openOwnStalls(
  file: PressureFile,
  { threshold }: Sampling,
  files: KernelFiles,
): Opening<StallTotal> {
  if (!('path' in file)) return file
  const sentence = 'The totals of stalls (`some`, `full`) are read, more often as it gets tight.'
  return openStallTotal(file.path, files, threshold.windowMs, sentence)
}

/** Opens the totals of the host's stalls. */
export function openHostStalls(
  { request, threshold }: Sampling,
  files: KernelFiles,
): Opening<StallTotal> {
  if (request.kind === 'off') {
    return { state: 'off', sentence: 'Pressure handling is switched off for this service.' }
  }
  const sentence = 'The stalls of the whole host are read; they are context and never a reason.'
  return openStallTotal('/proc/pressure/memory', files, threshold.windowMs, sentence)
}

/** Shorter windows are checked by the kernel ten times each, longer ones every 2 s only. */
const SHORT_WINDOW_MS = 1000

/**
 * Arms a trigger of our own where that gains something. `auto`: a window of 1 s, which the kernel
 * takes from those with CAP_SYS_RESOURCE only; `on`: the window as configured, whatever its latency.
 */
export function openOwnTrigger(parts: {
  readonly sampling: Sampling
  readonly file: PressureFile
  readonly files: KernelFiles
  readonly clock: Clock
  /** The totals can be read: a trigger alone is not to be believed. */
  readonly hasTotals: boolean
  /** systemd's trigger is armed. */
  readonly isTaken: boolean
  readonly wake: () => void
}): Opening<StallTrigger> {
  const { sampling, file, files, clock, hasTotals, isTaken, wake } = parts
  const { trigger, threshold } = sampling
  const off = (sentence: string) => ({ state: 'off', sentence }) as const
  if (trigger === 'off') return off('It is not wanted.')
  if (!('path' in file) || !hasTotals) return off('There are no totals to check it against.')
  if (isTaken) return off('What systemd set up takes its place.')
  const { path } = file
  const asked = trigger === 'on' ? threshold : shortened(threshold)
  try {
    const source = openStallTrigger({ path, bytes: triggerBytes(asked), files, clock, wake })
    const sentence = `Armed for ${asked.type} ${asked.thresholdMs} ms in ${asked.windowMs} ms; until it fires, little is read.`
    return { state: 'live', path, sentence, source }
  } catch (error) {
    if (trigger === 'auto' && errnoOf(error) === 'EINVAL') {
      return off(
        'Without CAP_SYS_RESOURCE it would be slower than reading the totals every second.',
      )
    }
    return { state: 'refused', path, sentence: `It cannot be armed: ${reasonOf(error)}.` }
  }
}

function shortened({ type, thresholdMs, windowMs }: StallThreshold): StallThreshold {
  if (windowMs <= SHORT_WINDOW_MS) return { type, thresholdMs, windowMs }
  return {
    type,
    thresholdMs: (thresholdMs * SHORT_WINDOW_MS) / windowMs,
    windowMs: SHORT_WINDOW_MS,
  }
}

function isCgroupFile(path: string, files: KernelFiles): boolean {
  try {
    return files.kindOf(path) === 'cgroup2'
  } catch {
    return false
  }
}

function hasFile(path: string, files: KernelFiles): boolean {
  try {
    files.kindOf(path)
    return true
  } catch {
    return false
  }
}
