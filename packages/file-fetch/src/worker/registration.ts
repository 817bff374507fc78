import { mkdir, rmdir } from 'node:fs/promises'
import { RecyclerError } from '@worker-recycler/core'
import { errorCode } from '../directory/error-code.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { storageError } from '../directory/storage-error.ts'
import { type WorkerRecord, writeWorkerRecord } from '../liveness/worker-record.ts'
import { declaredCause, unregister } from '../recovery/fence-worker.ts'

/**
 * Registers a worker: first its record, by which others judge it, then the directory of what it
 * holds. Throws `FENCED` for an identity that is in use, or was declared dead.
 */
export async function enrol(directory: QueueDirectory, self: WorkerRecord): Promise<void> {
  const { identity } = self
  const working = directory.workingOf(identity)
  if ((await declaredCause(directory, identity)) !== undefined) throw refused(identity)
  await writeWorkerRecord(directory, self)
  try {
    await mkdir(working)
  } catch (error) {
    // In use: the record is not ours to remove.
    if (errorCode(error) === 'EEXIST') throw refused(identity, error)
    await unregister(directory, identity)
    throw storageError(error, `Cannot make ${working}`)
  }
  // Who declares a worker dead writes that down before looking for its directory; so either it finds
  // the directory, or this finds the declaration.
  if ((await declaredCause(directory, identity)) !== undefined) {
    await withdraw(directory, identity)
    throw refused(identity)
  }
}

/** Takes the registration back, unless jobs are held still: those are left to recovery. */
export async function withdraw(directory: QueueDirectory, identity: string): Promise<void> {
  try {
    await rmdir(directory.workingOf(identity))
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return
    if (code !== 'ENOENT') throw storageError(error, `Cannot remove the directory of ${identity}`)
  }
  await unregister(directory, identity)
}

function refused(identity: string, cause?: unknown): RecyclerError {
  return new RecyclerError(
    'FENCED',
    `[file-fetch] The identity ${identity} is in use, or was declared dead: an identity is never used again. Start with a new one.`,
    { cause },
  )
}
