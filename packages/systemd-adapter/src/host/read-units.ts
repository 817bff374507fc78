import type { CallOptions } from '@worker-recycler/core'
import type { Hierarchy, UnitFacts } from './facts.ts'
import { readKernelLimits } from './kernel-limits.ts'
import type { HostSettings } from './settings.ts'

const PROPERTIES = ['ActiveState', 'ControlGroup', 'NeedDaemonReload']
const DEAD: ReadonlySet<string> = new Set(['inactive', 'failed'])

/** What the manager and the kernel have of units, with one call for all of them. */
export async function readUnits(
  names: readonly string[],
  hierarchy: Hierarchy,
  { manager, cgroupRoot, isOffline }: Pick<HostSettings, 'manager' | 'cgroupRoot' | 'isOffline'>,
  call: CallOptions,
): Promise<readonly UnitFacts[]> {
  if (isOffline) return names.map((name) => ({ name, isActive: false }))
  const shown = await manager.show(names, PROPERTIES, call)
  return Promise.all(
    names.map(async (name): Promise<UnitFacts> => {
      const { ActiveState = 'inactive', ControlGroup = '', ...rest } = shown.get(name) ?? {}
      const isActive = !DEAD.has(ActiveState)
      return {
        name,
        isActive,
        ...(rest['NeedDaemonReload'] === 'yes' && { needsReload: true }),
        ...(isActive && ControlGroup !== '' && { controlGroup: ControlGroup }),
        ...(isActive &&
          ControlGroup !== '' &&
          (await readKernelLimits(cgroupRoot, ControlGroup, hierarchy))),
      }
    }),
  )
}
