import { driftOf, touchedKeys } from './drift.ts'
import type { UnitEffect } from './effects.ts'
import type { SystemdFacts } from './facts.ts'
import type { Features } from './features.ts'
import { isChange, type PlannedFile } from './planned-file.ts'

/**
 * What is asked of the manager: one reload, if there is anything to read again; and where a reload does
 * not bring limits to the kernel (before 235, 256, 257), first a call for each running unit that has
 * others.
 */
export function commandsOf(
  files: readonly PlannedFile[],
  effects: readonly UnitEffect[],
  facts: SystemdFacts,
  features: Features,
): readonly (readonly string[])[] {
  if (facts.isOffline) return []
  const systemctl = facts.scope === 'user' ? ['systemctl', '--user'] : ['systemctl']
  const isStale =
    files.some((file) => isChange(file)) || facts.units.some(({ needsReload }) => needsReload)
  const reload = isStale ? [[...systemctl, 'daemon-reload']] : []
  if (features.reloadApplies) return reload
  const touched = touchedKeys(files)
  const settings = effects.flatMap((effect) => {
    const drifts = driftOf(effect, effect.facts, features, facts.memoryBytes, touched)
    const values = drifts.map(({ key, wanted }) => `${key}=${wanted}`)
    return values.length === 0 ? [] : [[effect.unit, ...values]]
  })
  return [
    ...settings.map((args) => [...systemctl, 'set-property', '--runtime', '--', ...args]),
    ...reload,
  ]
}
