import type { Clock, MemoryEvents, Stall } from '@worker-recycler/core'
import type { Limit } from '../cgroup/limits.ts'
import { locate, type Place } from '../cgroup/locate.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import type { Sampling } from '../sampling.ts'
import { openAccount } from './account.ts'
import { openMemoryEvents } from './memory-events.ts'
import { openProcessUsage } from './process-usage.ts'
import { openSlot } from './slot.ts'
import type { OpenSource, SourceName, SourceReport } from './source.ts'
import { findPressureFile, openHostStalls, openOwnStalls, openOwnTrigger } from './stall-sources.ts'
import { openSystemdWatch } from './systemd-watch.ts'
import type { Usage } from './usage.ts'

/** Everything that was measured at one moment. */
export interface Facts {
  readonly metric: string
  readonly usedBytes: number
  readonly limit?: Limit
  readonly stall?: Stall
  readonly hostStall?: Stall
  readonly events?: MemoryEvents
}

/** All sources of one target. */
export interface SourceSet extends OpenSource {
  /** Measures now; undefined when the target is gone. `anew`: limits too, however fresh they are. */
  readonly take: (atMs: number, anew: boolean) => Facts | undefined
  /** This process alone, where `take` measures its cgroup. */
  readonly takeProcess: () => { readonly metric: string; readonly usedBytes: number } | undefined
  /** A trigger stands ready to wake, so that little need be read. */
  readonly isArmed: () => boolean
  /** Arms triggers anew that have fired. `anyway`: silent ones too, as there was a stall. */
  readonly rearm: (anyway: boolean) => void
  readonly reports: () => readonly SourceReport[]
}

/** What the sources work with. */
export interface SourceParts {
  readonly sampling: Sampling
  readonly files: KernelFiles
  readonly clock: Clock
  /** Resident memory of this process as Node.js tells it. */
  readonly ownRss: () => number
  /** Something happened that is worth a sample now. */
  readonly wake: (by: SourceName) => void
}

/**
 * Opens every source that can be had. When one finds its cgroup or process gone, all are located and
 * opened once more; what is still gone then has ended. Throws when the target is not there at all.
 */
export function openSources(parts: SourceParts): SourceSet {
  const { sampling, files } = parts
  let isMoved = false
  let isSecondTry = false
  const gone = () => {
    if (isSecondTry) return false
    isMoved = true
    return true
  }
  let slots = openAll(parts, locate(sampling.target, files), gone)

  const reopen = () => {
    try {
      const place = locate(sampling.target, files)
      closeAll(slots)
      slots = openAll(parts, place, gone)
    } catch (error) {
      for (const slot of Object.values(slots)) slot.end(error)
    }
  }

  return {
    take: (atMs, anew) => {
      // Read once: what the old cgroup counted is not lost when the process was moved.
      const events = slots.events.use((source) => source.read())
      let facts = read(slots, atMs, anew || events !== undefined)
      if (isMoved) {
        isMoved = false
        isSecondTry = true
        reopen()
        facts = read(slots, atMs, true)
      }
      isSecondTry = false
      return facts && { ...facts, ...(events && { events }) }
    },
    takeProcess: () =>
      slots.process.use(({ metric, read: readBytes }) => ({ metric, usedBytes: readBytes() })),
    isArmed: () =>
      slots.stalls.live() && (slots.trigger.use((trigger) => !trigger.latched()) ?? false),
    rearm: (anyway) => {
      for (const slot of [slots.trigger, slots.systemd]) {
        slot.use((trigger) => {
          if (anyway || trigger.latched()) trigger.rearm()
        })
      }
    },
    reports: () => Object.values(slots).map((slot) => slot.report()),
    close: () => closeAll(slots),
  }
}

type Slots = ReturnType<typeof openAll>

function openAll(parts: SourceParts, place: Place, gone: () => boolean) {
  const { sampling, files, clock, wake } = parts
  const { request, target, workingSet, ownLimits, hostBytes } = sampling
  const ownRss = target === 'self' ? parts.ownRss : undefined
  const usage = openSlot(
    'usage',
    () => openAccount({ place, workingSet, files, ownRss, ownLimits, hostBytes }),
    gone,
  )
  const hasCgroup = usage.use(({ isOfCgroup }) => isOfCgroup) ?? false
  const process = openSlot<Usage>(
    'process',
    () => {
      if (sampling.process && hasCgroup) {
        return openProcessUsage({ place, workingSet, files, ownRss })
      }
      const sentence = hasCgroup
        ? 'It is not wanted.'
        : 'No cgroup is measured that it were beside.'
      return { state: 'off', sentence }
    },
    // The process that reads is there.
    () => false,
  )
  const events = openSlot(
    'memory-events',
    () => openMemoryEvents(place.v2, files, () => wake('memory-events')),
    gone,
  )
  const file = findPressureFile(sampling, place, files)
  const stalls = openSlot('stall-total', () => openOwnStalls(file, sampling, files), gone)
  const systemd = openSlot(
    'systemd-watch',
    () =>
      openSystemdWatch({
        request,
        files,
        clock,
        wake: () => wake('systemd-watch'),
        ended: (error) => systemd.end(error),
      }),
    gone,
  )
  const trigger = openSlot(
    'stall-trigger',
    () =>
      openOwnTrigger({
        sampling,
        file,
        files,
        clock,
        hasTotals: stalls.live(),
        isTaken: systemd.live(),
        wake: () => wake('stall-trigger'),
      }),
    gone,
  )
  const host = openSlot('host-pressure', () => openHostStalls(sampling, files), gone)
  return { usage, process, events, stalls, systemd, trigger, host }
}

function closeAll(slots: Slots): void {
  for (const slot of Object.values(slots)) slot.close()
}

function read(slots: Slots, atMs: number, anew: boolean): Omit<Facts, 'events'> | undefined {
  const used = slots.usage.use((source) => {
    const limit = source.limit(atMs, anew)
    return { metric: source.metric, usedBytes: source.usedBytes(), ...(limit && { limit }) }
  })
  const stall = slots.stalls.use((source) => source.read(atMs))
  const hostStall = slots.host.use((source) => source.read(atMs))
  if (!used) return undefined
  return {
    ...used,
    ...(stall && { stall }),
    ...(hostStall && { hostStall }),
  }
}
