import { isTemplate, parseUnitName, templateOf, type UnitName } from '../unit-file/unit-name.ts'

/** What is known of the names of units. */
export interface KnownNames {
  /** Names that are links to another unit's name, and that one. */
  readonly aliases: ReadonlyMap<string, string>
  /** Whether a name has a file of its own. */
  readonly hasFile: (name: string) => boolean
}

/** The longest chain of aliases that systemd follows. */
const MOST_HOPS = 8

/**
 * All names of a unit, the one that systemd knows it by first: drop-ins for any of them count. More than
 * one only where a link makes one unit's name an alias of another's (systemd.unit(5)).
 */
export function namesOf(unit: UnitName, known: KnownNames): readonly [UnitName, ...UnitName[]] {
  const main = mainOf(unit, known)
  const aliases = Array.from(known.aliases.keys(), (alias) => alike(parseUnitName(alias), main))
  const others = new Map(aliases.map((name) => [name.full, name]))
  return [
    main,
    ...[...others.values()].filter(
      (name) => name.full !== main.full && mainOf(name, known).full === main.full,
    ),
  ]
}

function mainOf(unit: UnitName, { aliases, hasFile }: KnownNames): UnitName {
  let name = unit
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    // An instance that has its own file is none of its template's business.
    const template = hasFile(name.full) ? undefined : templateOf(name)
    const target = aliases.get(name.full) ?? aliases.get(template ?? '')
    if (target === undefined) return name
    name = alike(parseUnitName(target), name)
  }
  return name
}

/** Of a template, the instance that the other one is; what is no template stays as it is. */
function alike(name: UnitName, { instance = '' }: UnitName): UnitName {
  if (!isTemplate(name)) return name
  const { prefix, suffix } = name
  return { full: `${prefix}@${instance}${suffix}`, prefix, instance, suffix }
}
