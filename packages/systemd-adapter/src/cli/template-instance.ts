import { parseUnitName } from '../unit-file/unit-name.ts'

/** Which instance of a template a name is; undefined for any other name, also for one that is no unit's. */
export function instanceIn(template: string, name: string): string | undefined {
  const { prefix } = parseUnitName(template)
  try {
    const unit = parseUnitName(name)
    return unit.prefix === prefix && unit.instance !== '' ? unit.instance : undefined
  } catch {
    return undefined
  }
}
