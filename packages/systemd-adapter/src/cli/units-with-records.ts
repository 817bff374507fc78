import { readdir } from 'node:fs/promises'
import { isTemplate, parseUnitName } from '../unit-file/unit-name.ts'
import { instanceIn } from './template-instance.ts'

/** The unit itself, or the instances of a template that have death records. */
export async function unitsWithRecords(unit: string, spool: string): Promise<readonly string[]> {
  if (!isTemplate(parseUnitName(unit))) return [unit]
  const names = await readdir(spool).catch(() => [])
  return names.filter((name) => instanceIn(unit, name) !== undefined).toSorted()
}
