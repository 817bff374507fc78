import { posix } from 'node:path'
import type { FileChange } from '@worker-recycler/core'

/** A file of a plan, with all that is needed to put back what was there. */
export interface PlannedFile extends FileChange {
  readonly beforeMode?: number
}

/** Whether anything is to be done for a file. */
export function isChange({ before, after, beforeMode, mode }: PlannedFile): boolean {
  if (before !== after) return true
  return after !== undefined && beforeMode !== undefined && beforeMode !== mode
}

const NAME = /^\d\d-recycler-[a-z]+\.conf$/

/** Whether a file has the name of one of ours. */
export function isOurName(path: string): boolean {
  return NAME.test(posix.basename(path))
}
