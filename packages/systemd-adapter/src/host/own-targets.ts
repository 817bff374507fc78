import { readdir } from 'node:fs/promises'
import { posix } from 'node:path'
import { isUnitName } from '../unit-file/unit-name.ts'
import { type Persistence, writePath } from './lookup-path.ts'
import { placeOf } from './place-of.ts'
import { isOurName } from './planned-file.ts'
import { readState } from './replace-file.ts'
import type { HostSettings } from './settings.ts'

interface OwnFile {
  /** The service or template that it is for. */
  readonly target: string
  readonly place: string
}

/** The services and templates for which files of ours are there, by the names of their directories. */
export async function ownTargets(settings: HostSettings): Promise<readonly string[]> {
  const files = await ownFiles(settings, settings.persistence)
  return [...new Set(files.map(({ target }) => target))].toSorted()
}

/** Whether a drop-in of ours still names a hook's program. */
export async function isHookUsed(path: string, settings: HostSettings): Promise<boolean> {
  const files = await Promise.all([ownFiles(settings, 'persistent'), ownFiles(settings, 'runtime')])
  for (const { place } of files.flat()) {
    const state = place.endsWith('-recycler-hook.conf') ? await readState(place) : undefined
    if (state?.text.includes(`${path} `)) return true
  }
  return false
}

async function ownFiles(
  settings: HostSettings,
  persistence: Persistence,
): Promise<readonly OwnFile[]> {
  const path = writePath(settings.scope, persistence, settings.user)
  const found: OwnFile[] = []
  for (const name of await list(await placeOf(path, settings))) {
    // Anybody may make a directory of any name; it is no unit's then.
    if (!name.endsWith('.service.d') || !isUnitName(name.slice(0, -'.d'.length))) continue
    const directory = await placeOf(posix.join(path, name), settings)
    const files = (await list(directory)).filter((file) => isOurName(file))
    const target = name.slice(0, -'.d'.length)
    found.push(...files.map((file) => ({ target, place: posix.join(directory, file) })))
  }
  return found
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch {
    return []
  }
}
