import { isTemplate, templateOf, type UnitName } from '../unit-file/unit-name.ts'

/**
 * The names of the directories that hold drop-ins for a unit, the most specific first
 * (systemd.unit(5)): the unit, its template, and with every `-` in the prefix cut back, the same for
 * the shorter prefix (239). `service.d`, which is for all services (244), stands apart: it comes after
 * the directories of all lookup paths.
 */
export function dropInDirectories(
  unit: UnitName,
  features: { readonly prefixes: boolean },
): readonly string[] {
  const shorter = features.prefixes ? shorterPrefix(unit) : undefined
  const template = isTemplate(unit) ? undefined : templateOf(unit)
  return unique([
    `${unit.full}.d`,
    // Here systemd goes down all the way: `foo-.service.d` comes before `foo-@1.service.d`.
    ...(template ? dropInDirectories(named(unit, unit.prefix, ''), features) : []),
    ...(shorter ? dropInDirectories(shorter, features) : []),
  ])
}

/** Hidden files and those that end otherwise are nobody's. */
export function isDropIn(name: string): boolean {
  return name.endsWith('.conf') && !name.startsWith('.')
}

/** Of `foo-bar-baz@1` it is `foo-bar-@1`, of that `foo-@1`; of the template `foo-bar@` it is plain `foo-`. */
function shorterPrefix(unit: UnitName): UnitName | undefined {
  const { prefix, instance } = unit
  const at = prefix.lastIndexOf('-', prefix.endsWith('-') ? prefix.length - 2 : undefined)
  if (at <= 0) return undefined
  return named(unit, prefix.slice(0, at + 1), isTemplate(unit) ? undefined : instance)
}

function named({ suffix }: UnitName, prefix: string, instance: string | undefined): UnitName {
  const at = instance === undefined ? '' : `@${instance}`
  return { full: `${prefix}${at}${suffix}`, prefix, instance, suffix }
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]
