import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { posix } from 'node:path'
import { realPath } from './real-path.ts'
import type { UnitFileEntry } from './snapshot.ts'

const NOTHING = { bytes: new Uint8Array(), isMask: true } as const

/** Reads a file in a directory without links, following its own below `root`. Opens only regular files. */
export async function readEntry(
  directory: string,
  name: string,
  root: string,
): Promise<UnitFileEntry> {
  const real = await realPath(name, root, directory)
  if (real === '/dev/null') return NOTHING
  if (real === undefined) return { ...NOTHING, isDangling: true }
  const place = posix.join(root, real)
  const stats = await lstat(place)
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return NOTHING
  if (!stats.isFile()) return { ...NOTHING, isDangling: true }
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const bytes = await file.readFile()
    return { bytes, isMask: bytes.length === 0, mode: stats.mode & 0o7777, uid: stats.uid }
  } finally {
    await file.close()
  }
}
