import type { CallOptions, LimitStatus } from '@worker-recycler/core'
import type { Properties } from '../transport/manager.ts'
import type { UnitFacts } from './facts.ts'
import { findInstances } from './instances.ts'
import { ownTargets } from './own-targets.ts'
import { hierarchyAt } from './read-facts.ts'
import { UNIT_PROPERTIES, unitFacts } from './read-units.ts'
import type { HostSettings } from './settings.ts'

/** One unit as its manager and the kernel have it. */
export interface UnitStatus extends LimitStatus {
  readonly state: string
  readonly subState: string
  readonly pid?: number
  /** How often systemd started it again by itself (235). */
  readonly restarts?: number
  /** How it ended last, while it is down; `success` once it runs again. */
  readonly result: string
  readonly peakBytes?: number
}

const PROPERTIES = ['SubState', 'MainPID', 'NRestarts', 'Result', 'MemoryPeak'] as const

/**
 * Tells of a service, or of all loaded instances of a template; without a target, of everything for
 * which files of ours are there. Each unit once, though an instance may have files of its own.
 */
export async function statusOf(
  target: string | undefined,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly UnitStatus[]> {
  call.signal.throwIfAborted()
  const targets = target === undefined ? await allTargets(settings) : [target]
  const found = await Promise.all(
    targets.map((each) => findInstances({ target: each }, settings, call)),
  )
  const names = [...new Set(found.flat().map(({ full }) => full))]
  const { isOffline, manager, cgroupRoot } = settings
  if (isOffline) return names.map((name) => toStatus({ name, isActive: false }))
  const hierarchy = settings.hierarchy ?? (await hierarchyAt(cgroupRoot))
  const shown = await manager.show(names, [...UNIT_PROPERTIES, ...PROPERTIES], call)
  return names.map((name) => {
    const properties = shown.get(name)
    return toStatus(unitFacts(name, properties, hierarchy, cgroupRoot), properties)
  })
}

async function allTargets(settings: HostSettings): Promise<readonly string[]> {
  const lists = await Promise.all([
    ownTargets({ ...settings, persistence: 'persistent' }),
    ownTargets({ ...settings, persistence: 'runtime' }),
  ])
  return lists.flat()
}

function toStatus(unit: UnitFacts, properties: Properties = {}): UnitStatus {
  const number = (key: string) => numberIn(properties[key])
  return {
    target: unit.name,
    running: unit.isActive,
    ...limits(unit),
    state: properties['ActiveState'] ?? 'unknown',
    subState: properties['SubState'] ?? 'unknown',
    result: properties['Result'] ?? 'unknown',
    ...optional('pid', number('MainPID') || undefined),
    ...optional('restarts', number('NRestarts')),
    ...optional('peakBytes', number('MemoryPeak')),
  }
}

function limits({ usedBytes, kernel }: UnitFacts): Omit<LimitStatus, 'target' | 'running'> {
  return {
    ...optional('usedBytes', usedBytes),
    ...optional('hardBytes', finite(kernel?.max)),
    ...optional('softBytes', finite(kernel?.high)),
  }
}

const finite = (bytes: number | undefined) => (Number.isFinite(bytes) ? bytes : undefined)

/** `[not set]`, and the largest number of 64 bits, which stands for it. */
function numberIn(text: string | undefined): number | undefined {
  const value = Number(text)
  return text !== undefined && text !== '' && Number.isSafeInteger(value) ? value : undefined
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
