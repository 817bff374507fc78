import { posix } from 'node:path'
import { placeOf } from '../host/place-of.ts'
import { isOurName, type PlannedFile } from '../host/planned-file.ts'
import { readState } from '../host/replace-file.ts'
import type { HostSettings } from '../host/settings.ts'
import type { Snapshot } from '../host/snapshot.ts'
import { isOursUnchanged } from '../unit-file/render.ts'

/** What a revert does with a file. */
export type RevertAction =
  /** It is as it was applied, and goes back to what it was. */
  | 'restore'
  | 'delete'
  /** Somebody has changed it since: it is theirs now. */
  | 'keep'

/** A file, and what becomes of it. */
export interface RevertStep {
  readonly action: RevertAction
  readonly path: string
  /** A program that other services may name, too: it goes only if none does. */
  readonly isShared: boolean
}

/** What taking back these changes comes to now; what is back already is left out. */
export async function planRevert(
  files: readonly PlannedFile[],
  settings: HostSettings,
): Promise<readonly RevertStep[]> {
  const steps: RevertStep[] = []
  for (const { path, before, after } of files) {
    const now = await readState(await placeOf(path, settings))
    const isRegular = now?.isRegular !== false
    if (isRegular && now?.text === before) continue
    const back = before === undefined ? 'delete' : 'restore'
    const action = isRegular && now?.text === after ? back : 'keep'
    steps.push({ action, path, isShared: action === 'delete' && !isOurName(path) })
  }
  return steps
}

/**
 * Without a receipt: the changes that would have made the files of ours that are there. A file is ours
 * by its name, and unchanged if the hash in its first line is that of the rest; others are kept.
 */
export function changesByHash(
  directories: readonly string[],
  { files }: Snapshot,
): readonly PlannedFile[] {
  return [...files].flatMap(([path, { bytes }]) => {
    if (!directories.includes(posix.dirname(path)) || !isOurName(path)) return []
    const text = Buffer.from(bytes).toString()
    // With another text than is there, it counts as changed by somebody.
    return [{ path, after: isOursUnchanged(text) ? text : '' }]
  })
}
