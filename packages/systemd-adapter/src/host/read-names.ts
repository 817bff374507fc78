import { readdir, readlink } from 'node:fs/promises'
import { posix } from 'node:path'
import { isTemplate, parseUnitName, type UnitName } from '../unit-file/unit-name.ts'
import { realPath } from './real-path.ts'

/** Gives undefined for what fails, and keeps the reason. */
export type NoteUnreadable = <T>(path: string, result: Promise<T>) => Promise<T | undefined>

/** A directory of the lookup path. */
interface LookupDirectory {
  readonly path: string
  /** Where it lies when links are followed. */
  readonly real: string
  /** Of all that it holds. */
  readonly names: readonly string[]
}

/** What the lookup path holds. */
export interface Names {
  /** The strongest first; of several that lead to the same one the first stands for all. */
  readonly directories: readonly LookupDirectory[]
  /** Where each unit's own file is, by its name, aliases apart: the directory that has it first. */
  readonly fragments: ReadonlyMap<string, string>
  readonly aliases: ReadonlyMap<string, string>
}

/** Lists the lookup path, as systemd does before it reads a unit. */
export async function readNames(
  lookupPath: readonly string[],
  root: string,
  noted: NoteUnreadable,
): Promise<Names> {
  const directories = new Map<string, LookupDirectory>()
  const fragments = new Map<string, string>()
  const aliases = new Map<string, string>()
  for (const path of lookupPath) {
    const real = await realPath(path, root)
    if (real === undefined || directories.has(real)) continue
    const listed = readdir(posix.join(root, real), { withFileTypes: true })
    const entries = (await noted(path, listed)) ?? []
    directories.set(real, { path, real, names: entries.map(({ name }) => name) })
    for (const entry of entries) {
      const { name } = entry
      const isFit = (entry.isFile() || entry.isSymbolicLink()) && nameOf(name) !== undefined
      if (!isFit || fragments.has(name) || aliases.has(name)) continue
      const target = entry.isSymbolicLink() ? await unitAt(real, name, lookupPath, root) : undefined
      if (target === undefined) fragments.set(name, path)
      else if (isAlias(name, target)) aliases.set(name, target)
    }
  }
  return { directories: [...directories.values()], fragments, aliases }
}

/** The name of the file that a link leads to, if that lies in the lookup path. */
async function unitAt(
  directory: string,
  name: string,
  lookupPath: readonly string[],
  root: string,
): Promise<string | undefined> {
  const link = await readlink(posix.join(root, directory, name))
  const parent = posix.dirname(link)
  const real = await realPath(parent, root, directory)
  const place = posix.join(real ?? posix.resolve(directory, parent), posix.basename(link))
  return lookupPath.some((each) => place.startsWith(`${each}/`)) ? posix.basename(place) : undefined
}

/** A link to a file of the same name is none, and systemd passes it over; so it does with a misfit. */
function isAlias(from: string, to: string): boolean {
  const [alias, unit] = [nameOf(from), nameOf(to)]
  if (!alias || !unit || from === to) return false
  if (alias.instance === unit.instance) return true
  return alias.instance !== undefined && isTemplate(unit)
}

function nameOf(name: string): UnitName | undefined {
  try {
    return parseUnitName(name)
  } catch {
    return undefined
  }
}
