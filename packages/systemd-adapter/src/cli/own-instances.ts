import { ownTargets } from '../host/own-targets.ts'
import type { HostSettings } from '../host/settings.ts'
import { isTemplate, parseUnitName } from '../unit-file/unit-name.ts'
import { instanceIn } from './template-instance.ts'

/** The instances of a template for which files of ours are there, whether they are loaded or not. */
export async function ownInstances(
  unit: string,
  settings: HostSettings,
): Promise<readonly string[]> {
  if (!isTemplate(parseUnitName(unit))) return []
  const targets = await ownTargets(settings)
  return targets.flatMap((name) => instanceIn(unit, name) ?? [])
}
