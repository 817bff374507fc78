import type { CallOptions } from '@worker-recycler/core'
import type { Properties } from '../transport/manager.ts'
import type { Hierarchy, UnitFacts } from './facts.ts'
import { readKernelLimits } from './kernel-limits.ts'
import type { HostSettings } from './settings.ts'

/** What `unitFacts` needs of a unit. */
export const UNIT_PROPERTIES: readonly string[] = [
  'ActiveState',
  'ControlGroup',
  'NeedDaemonReload',
]
const DEAD: ReadonlySet<string> = new Set(['inactive', 'failed'])

/** What the manager and the kernel have of units, with one call for all of them. */
export async function readUnits(
  names: readonly string[],
  hierarchy: Hierarchy,
  { manager, cgroupRoot, isOffline }: Pick<HostSettings, 'manager' | 'cgroupRoot' | 'isOffline'>,
  call: CallOptions,
): Promise<readonly UnitFacts[]> {
  if (isOffline) return names.map((name) => ({ name, isActive: false }))
  const shown = await manager.show(names, UNIT_PROPERTIES, call)
  return names.map((name) => unitFacts(name, shown.get(name), hierarchy, cgroupRoot))
}

/** One unit, from what its manager tells and its kernel has. */
export function unitFacts(
  name: string,
  properties: Properties | undefined,
  hierarchy: Hierarchy,
  cgroupRoot: string,
): UnitFacts {
  const { ActiveState = 'inactive', ControlGroup = '', NeedDaemonReload } = properties ?? {}
  const isActive = !DEAD.has(ActiveState)
  const hasGroup = isActive && ControlGroup !== ''
  return {
    name,
    isActive,
    ...(NeedDaemonReload === 'yes' && { needsReload: true }),
    ...(hasGroup && { controlGroup: ControlGroup }),
    ...(hasGroup && readKernelLimits(cgroupRoot, ControlGroup, hierarchy)),
  }
}
