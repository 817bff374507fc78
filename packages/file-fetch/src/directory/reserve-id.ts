import { link, lstat, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { errorCode } from './error-code.ts'
import { listJobs } from './list.ts'
import { move } from './move.ts'
import { type QueueDirectory, waitingPath } from './queue-directory.ts'
import { storageError } from './storage-error.ts'

/**
 * Reserves an id that a caller chose, by a hard link `ids/<id>` to the job's own file: link(2) fails
 * with EEXIST for all but one. The reservation needs no upkeep, as the job's file never is edited or
 * copied: it holds while the job is anywhere in the directory, and is void once it is the last link.
 *
 * @param path the job's complete file in `tmp`
 */
export async function reserveId(
  directory: QueueDirectory,
  id: string,
  path: string,
  epochMs: number,
): Promise<'reserved' | 'taken'> {
  const reservation = join(directory.ids, id)
  for (;;) {
    try {
      await link(path, reservation)
      return 'reserved'
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw explain(error, reservation)
    }
    if (!(await releaseId(directory, id))) {
      await publishLeftover(directory, id, basename(path), epochMs)
      return 'taken'
    }
  }
}

/**
 * Frees an id whose job is gone; false while the job exists. Exact, with one exception: while two
 * processes free the same id, and two others enqueue a job with it, within the same microseconds,
 * both of the latter may succeed.
 */
export async function releaseId(directory: QueueDirectory, id: string): Promise<boolean> {
  const reservation = join(directory.ids, id)
  const scratch = directory.scratch('id')
  try {
    if ((await lstat(reservation)).nlink > 1) return false
    // Renamed and looked at again, not unlinked: somebody may just have reserved the id anew.
    await rename(reservation, scratch)
    if ((await lstat(scratch)).nlink > 1) await link(scratch, reservation)
    await rm(scratch, { force: true })
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true
    if (errorCode(error) !== 'EEXIST') throw storageError(error, `Cannot free the id ${id}`)
    await rm(scratch, { force: true })
    return true
  }
}

/** A producer was killed after it had reserved the id: its job is complete, and is put into its queue. */
async function publishLeftover(
  directory: QueueDirectory,
  id: string,
  own: string,
  epochMs: number,
): Promise<void> {
  const reserved = await lstat(join(directory.ids, id)).catch(() => undefined)
  for (const { fileName, job } of (await listJobs(directory.tmp)).jobs) {
    if (job.id !== id || fileName === own) continue
    const path = join(directory.tmp, fileName)
    const found = await lstat(path).catch(() => undefined)
    if (!reserved || found?.ino !== reserved.ino) continue
    await directory.ensureQueue(job.queue)
    await move(path, waitingPath(directory, job, epochMs), directory.fsync)
  }
}

function explain(error: unknown, reservation: string): unknown {
  const code = errorCode(error) ?? ''
  if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(code)) {
    return storageError(error, `Cannot reserve ${reservation}`)
  }
  return new TypeError(
    `[file-fetch] Cannot reserve ${reservation}: the file system has no hard links (${code}). Leave \`id\` out; ids are then made up.`,
    { cause: error },
  )
}
