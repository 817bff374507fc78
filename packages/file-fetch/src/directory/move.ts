import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './error-code.ts'
import type { Fsync } from './queue-directory.ts'
import { storageError } from './storage-error.ts'
import { syncDirectory } from './sync-directory.ts'

/** What a move found: `gone` when the source, or a directory on either side, is not there. */
export type Moved = 'moved' | 'gone'

/**
 * One rename(2): at every instant the file is in exactly one of the two places. The names of jobs
 * are never used twice, so it never replaces another job.
 */
export async function move(from: string, to: string, fsync: Fsync): Promise<Moved> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone'
    throw storageError(error, `Cannot move ${from} to ${dirname(to)}`)
  }
  if (fsync === 'always') {
    // The new place first: after a power loss in between, a job in two places is better than none.
    await syncDirectory(dirname(to))
    await syncDirectory(dirname(from))
  }
  return 'moved'
}
