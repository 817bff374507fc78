import { randomBytes } from 'node:crypto'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '@worker-recycler/core'
import { errorCode } from './error-code.ts'
import type { QueueDirectory } from './queue-directory.ts'

/** Leaves room for the prefix: a name has 255 bytes at most. */
const MAX_KEPT = 200

/**
 * Moves what is no job to `malformed`, as it is: a link is moved, not followed, and nothing is
 * read. Siblings go on. A failure is logged; the file is met again at the next listing.
 */
export async function putAside(
  directory: QueueDirectory,
  folder: string,
  fileName: string,
  why: string,
  logger: Logger,
): Promise<void> {
  const kept = fileName.replaceAll(/[^A-Za-z0-9_.~%=-]/g, '_').slice(0, MAX_KEPT)
  // The prefix keeps two strangers of one name from replacing each other.
  const to = join(directory.malformed, `${randomBytes(6).toString('hex')}~${kept}`)
  try {
    for (const from of await rawPaths(folder, fileName)) await rename(from, to)
    logger.error({ folder, fileName, to, why }, 'moved a malformed file out of the queue')
  } catch (error) {
    // Another process was quicker.
    if (errorCode(error) === 'ENOENT') return
    logger.error({ folder, fileName, why, error }, 'a malformed file cannot be moved')
  }
}

/** A name that is not UTF-8 reads as U+FFFD; only its bytes can be used. */
async function rawPaths(folder: string, fileName: string): Promise<(string | Buffer)[]> {
  if (!fileName.includes('\uFFFD')) return [join(folder, fileName)]
  const raw = await readdir(folder, { encoding: 'buffer' })
  const same = raw.find((name) => name.toString() === fileName)
  return same ? [Buffer.concat([Buffer.from(`${folder}/`), same])] : []
}
