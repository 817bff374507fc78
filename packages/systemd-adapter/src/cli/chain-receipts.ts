import { posix } from 'node:path'
import type { PlannedFile } from '../host/planned-file.ts'
import { isOursUnchanged } from '../unit-file/render.ts'
import type { Receipt } from './receipt.ts'

/**
 * The receipt of what is applied after something else was: it leads back to what was there before the
 * first time, not to our own earlier files. Pure.
 */
export function chainReceipts(earlier: Receipt | undefined, next: Receipt): Receipt {
  const { files = [], directories = [] } = earlier?.plan ?? {}
  const known = new Map(files.map((file) => [file.path, file]))
  const chained = next.plan.files.map((file) => {
    const first = known.get(file.path)
    known.delete(file.path)
    return first && first.after === file.before ? { ...file, ...beforeOf(first) } : original(file)
  })
  return {
    ...next,
    plan: {
      ...next.plan,
      // What this plan does not touch is still as it was applied then.
      files: [...known.values(), ...chained].filter((file) => isOfUse(file)),
      directories: [...new Set([...directories, ...next.plan.directories])].toSorted(),
    },
  }
}

/** With its keys, so that they take the place of others. */
function beforeOf({ before, beforeMode }: Partial<PlannedFile>): Partial<PlannedFile> {
  return { before, beforeMode } as Partial<PlannedFile>
}

/** A file of ours of which no receipt tells stands for none. */
function original(file: PlannedFile): PlannedFile {
  const isOurs = file.before !== undefined && isOursUnchanged(file.before)
  return isOurs ? { ...file, ...beforeOf({}) } : file
}

/** What `set-property` had set for the time being is not brought back: its time may be over. */
function isOfUse({ path, before, after }: PlannedFile): boolean {
  return before !== after && !/^50-Memory\w+\.conf$/.test(posix.basename(path))
}
