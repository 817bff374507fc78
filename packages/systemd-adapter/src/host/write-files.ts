import { readdir, unlink } from 'node:fs/promises'
import { posix } from 'node:path'
import { isRecyclerError, RecyclerError } from '@worker-recycler/core'
import { fileError, ignore } from './file-error.ts'
import { placeOf } from './place-of.ts'
import type { PlannedFile } from './planned-file.ts'
import { isLeftover, readState, removeIfEmpty, replaceFile } from './replace-file.ts'
import type { HostSettings } from './settings.ts'

/** The files that are not as planned yet. One that is neither that nor as it was is somebody else's. */
export async function findChanged(
  files: readonly PlannedFile[],
  settings: HostSettings,
): Promise<readonly PlannedFile[]> {
  const changed: PlannedFile[] = []
  for (const file of files) {
    const now = await readState(await placeOf(file.path, settings))
    if (now && !now.isRegular) {
      throw new RecyclerError(
        'PLAN_REFUSED',
        `[systemd-adapter] ${file.path} is a link or a directory, not a file: remove it, or put a file in its place`,
      )
    }
    if (now?.text === file.after && now?.mode === file.mode) continue
    if (now?.text !== file.before && now?.text !== file.after) {
      throw new RecyclerError(
        'PLAN_REFUSED',
        `[systemd-adapter] ${file.path} was changed since the plan was made: make it anew`,
      )
    }
    changed.push(file)
  }
  return changed
}

/** Writes files as they are planned; each one that is in its place is added to `done`. */
export async function writeFiles(
  files: readonly PlannedFile[],
  done: PlannedFile[],
  settings: HostSettings,
): Promise<void> {
  const directories = new Set<string>()
  for (const file of files) {
    const place = await placeOf(file.path, settings)
    directories.add(posix.dirname(place))
    await replaceFile(place, file.after, file.mode)
    done.push(file)
  }
  for (const directory of directories) {
    await sweep(directory)
    await removeIfEmpty(directory)
  }
}

/** Puts back what was there, the last one first, and takes away the directories that were made. */
export async function putBack(
  files: readonly PlannedFile[],
  directories: readonly string[],
  settings: HostSettings,
): Promise<void> {
  for (const { path, before, beforeMode } of files.toReversed()) {
    await replaceFile(await placeOf(path, settings), before, beforeMode)
  }
  // From long to short: what is inside goes first.
  for (const directory of directories.toReversed()) {
    const place = await placeOf(directory, settings)
    await sweep(place)
    await removeIfEmpty(place)
  }
}

/** The error of a plan that could not be applied, when not everything could be put back either. */
export function stuckError(cause: unknown, files: readonly PlannedFile[]): RecyclerError {
  const paths = files.map(({ path }) => path).join(', ')
  const code = isRecyclerError(cause) ? cause.code : 'ADAPTER_FAILED'
  const why = cause instanceof Error ? cause.message : String(cause)
  return new RecyclerError(
    code,
    `${why}. Not all of what had been written could be put back: look at ${paths}`,
    { cause },
  )
}

/** What a process that was killed while it wrote has left behind. */
async function sweep(directory: string): Promise<void> {
  try {
    const names = (await readdir(directory).catch(ignore('ENOENT', 'ENOTDIR'))) ?? []
    for (const name of names.filter(isLeftover)) {
      await unlink(posix.join(directory, name)).catch(ignore('ENOENT'))
    }
  } catch (error) {
    throw fileError(directory, error)
  }
}
