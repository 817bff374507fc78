import { readdir } from 'node:fs/promises'
import { posix } from 'node:path'
import { templateOf, type UnitName } from '../unit-file/unit-name.ts'
import { dropInDirectories, isDropIn } from './drop-in-directories.ts'
import { namesOf } from './names.ts'
import { readEntry } from './read-entry.ts'
import { type NoteUnreadable, readNames } from './read-names.ts'
import { realPath } from './real-path.ts'
import type { Snapshot, UnitFileEntry } from './snapshot.ts'

/**
 * Reads all that counts for these units, whatever systemd's version: their own files, and the drop-ins
 * in every directory that is named after them. Follows links as systemd does, below `root`.
 */
export async function readSnapshot(
  lookupPath: readonly string[],
  units: readonly UnitName[],
  root: string = '/',
): Promise<Snapshot> {
  const files = new Map<string, UnitFileEntry>()
  const links = new Map<string, string>()
  const unreadable = new Map<string, string>()
  const noted: NoteUnreadable = async (path, result) => {
    try {
      return await result
    } catch (error) {
      unreadable.set(path, (error as NodeJS.ErrnoException).code ?? String(error))
      return undefined
    }
  }
  const read = async (path: string, real: string, file: string) => {
    const place = posix.join(path, file)
    files.set(place, (await noted(place, readEntry(real, file, root))) ?? UNREAD)
  }
  const { directories, fragments, aliases } = await readNames(lookupPath, root, noted)
  const hasFile = (name: string) => fragments.has(name)
  const names = units.flatMap((unit) => namesOf(unit, { aliases, hasFile }))
  const ownFiles = new Set(names.flatMap((name) => [name.full, templateOf(name)]))
  const dropIns = new Set(names.flatMap((name) => dropInDirectories(name, { prefixes: true })))
  for (const { path, real, names: held } of directories) {
    if (real !== path) links.set(path, real)
    for (const name of held) {
      if (ownFiles.has(name) && fragments.get(name) === path) await read(path, real, name)
      if (!dropIns.has(name) && name !== ALL_SERVICES) continue
      const [below, place] = [posix.join(path, name), await realPath(name, root, real)]
      if (place === undefined) continue
      if (place !== below) links.set(below, place)
      const found = (await noted(below, readdir(posix.join(root, place)))) ?? []
      for (const file of found.filter(isDropIn)) await read(below, place, file)
    }
  }
  return { lookupPath, files, links, aliases, unreadable }
}

const ALL_SERVICES = 'service.d'
/** It is there, so that it takes its name's place; what it says is not known. */
const UNREAD: UnitFileEntry = { bytes: new Uint8Array(), isMask: false }
