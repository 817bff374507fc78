import { rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeathCause } from '@worker-recycler/core'
import { errorCode } from '../directory/error-code.ts'
import { exists } from '../directory/exists.ts'
import { listJobs, listNames } from '../directory/list.ts'
import { move } from '../directory/move.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { storageError } from '../directory/storage-error.ts'
import { CAUSES, type Fence, formatFence, parseFence } from '../names/identity-name.ts'

/** A fence whose jobs were counted. */
export type CountedFence = Fence & { readonly held: number }

/**
 * Declares a worker dead. First a file says so, for one that is only just starting; then one rename
 * takes its whole directory away, after which every claim and acknowledgement of it fails with
 * ENOENT. The names carry the cause, so that whoever finishes the recovery knows it.
 */
export async function fenceWorker(
  directory: QueueDirectory,
  identity: string,
  cause: DeathCause,
): Promise<void> {
  const declared = await declaredCause(directory, identity)
  const known = declared === undefined || declared === 'unknown' ? cause : declared
  await declareDead(directory, { identity, cause: known })
  const to = join(directory.recovering, formatFence({ identity, cause: known }))
  await move(directory.workingOf(identity), to, directory.fsync)
}

/**
 * Why a worker was declared dead; undefined when it was not. Looks for the names that there can be:
 * a listing would grow with the number of workers that died lately.
 */
export async function declaredCause(
  directory: QueueDirectory,
  identity: string,
): Promise<DeathCause | undefined> {
  const declared = await Promise.all(
    CAUSES.map((cause) => exists(join(directory.fenced, formatFence({ identity, cause })))),
  )
  return CAUSES.find((_, index) => declared[index])
}

/** The fences whose jobs were not all moved yet: of one worker, or of all. */
export async function openFences(directory: QueueDirectory, identity?: string): Promise<Fence[]> {
  const fences = (await listNames(directory.recovering)).map(parseFence)
  return fences.flatMap((fence) =>
    fence && (identity === undefined || fence.identity === identity) ? [fence] : [],
  )
}

/**
 * Writes down, in the directory's name, how many jobs a dead worker held, before the first of them
 * is moved: whether one ran alone must not depend on how far an earlier recoverer got. Undefined
 * when another recoverer was quicker.
 */
export async function countHeld(
  directory: QueueDirectory,
  fence: Fence,
): Promise<CountedFence | undefined> {
  if (fence.held !== undefined) return { ...fence, held: fence.held }
  const from = join(directory.recovering, formatFence(fence))
  const counted = { ...fence, held: (await listJobs(from)).jobs.length }
  const to = join(directory.recovering, formatFence(counted))
  return (await move(from, to, directory.fsync)) === 'moved' ? counted : undefined
}

/** Removes the directory of a fence; false when something has come into it. */
export async function closeFence(directory: QueueDirectory, fence: Fence): Promise<boolean> {
  try {
    await rmdir(join(directory.recovering, formatFence(fence)))
    return true
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return true
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    throw storageError(error, `Cannot finish the recovery of ${fence.identity}`)
  }
}

/** Removes a dead worker's registration. */
export async function unregister(directory: QueueDirectory, identity: string): Promise<void> {
  try {
    await rm(directory.registryOf(identity), { force: true })
  } catch (error) {
    throw storageError(error, `Cannot remove the record of ${identity}`)
  }
}

async function declareDead(directory: QueueDirectory, fence: Fence): Promise<void> {
  const path = join(directory.fenced, formatFence(fence))
  try {
    await writeFile(path, '')
  } catch (error) {
    throw storageError(error, `Cannot declare ${fence.identity} dead in ${directory.fenced}`)
  }
}
