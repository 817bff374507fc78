import { posix } from 'node:path'
import { type Assignment, parseUnitFile, type UnitFile } from '../unit-file/parse.ts'
import { isTemplate, templateOf, type UnitName } from '../unit-file/unit-name.ts'
import { dropInDirectories, isDropIn } from './drop-in-directories.ts'
import { namesOf } from './names.ts'
import type { Snapshot } from './snapshot.ts'

/** An assignment and the file that makes it. */
export interface Located extends Assignment {
  readonly path: string
}

/** A drop-in that systemd does not read, since another of the same name is stronger. */
export interface Overridden {
  readonly path: string
  readonly by: string
}

/** What systemd reads for a unit, and in which order. */
export interface Resolution {
  /** The name that systemd knows it by, where the one asked for is an alias. */
  readonly unit: string
  /** In systemd's words. Only what is `loaded` can run; the rest says what would be read if it could. */
  readonly loadState: 'loaded' | 'masked' | 'not-found' | 'error'
  /** The unit's own file; undefined where there is none. */
  readonly fragment: string | undefined
  /** In the order in which they are read: the last assignment of a key wins. Masks keep their places. */
  readonly dropIns: readonly string[]
  readonly overridden: readonly Overridden[]
  /** Those of the unit's file and of all drop-ins, in that order. */
  readonly assignments: readonly Located[]
}

/** What the resolver must know of the running systemd. */
export interface ResolveFeatures {
  /** `foo-.service.d` (239). */
  readonly prefixes: boolean
  /** `service.d` (244). */
  readonly typeDirectory: boolean
}

/**
 * Finds what is in force for a unit: pure. Directories are ordered by lookup path first, then by how
 * specific their name is; of files with the same name the first one wins and the others are not read at
 * all; the rest is read in the order of the names (systemd.unit(5), tried against 252).
 */
export function resolve(unit: UnitName, snapshot: Snapshot, features: ResolveFeatures): Resolution {
  const { files, lookupPath, aliases = NO_ALIASES } = snapshot
  const hasFile = (name: string) => lookupPath.some((path) => files.has(posix.join(path, name)))
  const names = namesOf(unit, { aliases, hasFile })
  const [main] = names
  const fragment = findFragment(main, snapshot)
  const winners = new Map<string, string>()
  const overridden: Overridden[] = []
  for (const path of dropInsOf(names, snapshot, features)) {
    const name = posix.basename(path)
    const by = winners.get(name)
    if (by === undefined) winners.set(name, path)
    else overridden.push({ path, by })
  }
  const dropIns = [...winners].toSorted(([a], [b]) => compareBytes(a, b)).map(([, path]) => path)
  const read = fragment === undefined ? dropIns : [fragment, ...dropIns]
  const assignments = read.flatMap((path) =>
    parsed(path, files).assignments.map((assignment) => ({ ...assignment, path })),
  )
  const loadState = loadStateOf(fragment, files)
  return { unit: main.full, loadState, fragment, dropIns, overridden, assignments }
}

function loadStateOf(
  fragment: string | undefined,
  files: Snapshot['files'],
): Resolution['loadState'] {
  if (fragment === undefined) return 'not-found'
  if (files.get(fragment)?.isMask) return 'masked'
  return parsed(fragment, files).isWhole ? 'loaded' : 'error'
}

/** An instance's own file is stronger than its template's, wherever the two lie. */
function findFragment(unit: UnitName, { lookupPath, files }: Snapshot): string | undefined {
  const template = isTemplate(unit) ? undefined : templateOf(unit)
  for (const name of template === undefined ? [unit.full] : [unit.full, template]) {
    const paths = lookupPath.map((path) => posix.join(path, name))
    const path = paths.find((each) => files.has(each))
    if (path !== undefined) return files.get(path)?.isDangling ? undefined : path
  }
  return undefined
}

/** The strongest first. */
function dropInsOf(
  names: readonly UnitName[],
  { lookupPath, files }: Snapshot,
  features: ResolveFeatures,
): readonly string[] {
  const own = names.flatMap((name) => {
    const directories = dropInDirectories(name, features)
    return lookupPath.flatMap((path) => directories.map((each) => posix.join(path, each)))
  })
  const all = features.typeDirectory ? lookupPath.map((path) => posix.join(path, 'service.d')) : []
  const found = byDirectory(files)
  return [...own, ...all].flatMap((directory) => found.get(directory) ?? [])
}

const NO_ALIASES: ReadonlyMap<string, string> = new Map()
const listed = new WeakMap<Snapshot['files'], ReadonlyMap<string, string[]>>()

function byDirectory(files: Snapshot['files']): ReadonlyMap<string, readonly string[]> {
  const known = listed.get(files)
  if (known) return known
  const paths = [...files.keys()].filter((path) => isDropIn(posix.basename(path)))
  const grouped = new Map<string, string[]>()
  for (const path of paths) {
    const directory = posix.dirname(path)
    const list = grouped.get(directory)
    if (list) list.push(path)
    else grouped.set(directory, [path])
  }
  listed.set(files, grouped)
  return grouped
}

const known = new WeakMap<Uint8Array, UnitFile>()

/** Plans resolve the same files for every instance. */
function parsed(path: string, files: Snapshot['files']): UnitFile {
  const bytes = files.get(path)?.bytes ?? new Uint8Array()
  const file = known.get(bytes) ?? parseUnitFile(bytes)
  known.set(bytes, file)
  return file
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
