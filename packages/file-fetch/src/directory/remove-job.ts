import { unlink } from 'node:fs/promises'
import type { JobFile } from '../names/job-file.ts'
import { errorCode } from './error-code.ts'
import { removeFailure } from './failure-record.ts'
import type { QueueDirectory } from './queue-directory.ts'
import { releaseId } from './reserve-id.ts'
import { storageError } from './storage-error.ts'

/** Removes a job for good, with its last error and the reservation of its id. False when it is gone. */
export async function removeJob(
  directory: QueueDirectory,
  path: string,
  job: Pick<JobFile, 'id'>,
): Promise<boolean> {
  try {
    await unlink(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw storageError(error, `Cannot remove ${path}`)
  }
  await removeFailure(directory, job.id)
  // Killed before this line, the reservation is void all the same: it is the file's last link.
  await releaseId(directory, job.id)
  return true
}
