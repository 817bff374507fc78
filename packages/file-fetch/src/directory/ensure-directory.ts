import { lstat, mkdir } from 'node:fs/promises'
import { RecyclerError } from '@worker-recycler/core'
import { errorCode } from './error-code.ts'
import { storageError } from './storage-error.ts'

/**
 * Makes directories, parents first. The first one is the root: its parents are made too, and it may
 * be a symbolic link. Below it a link could lead out of the tree, so it is refused.
 */
export async function ensureDirectories(paths: readonly string[]): Promise<void> {
  const [root = '', ...below] = paths
  await make(root, true)
  for (const path of below) {
    if (await make(path, false)) continue
    if ((await lstat(path)).isDirectory()) continue
    throw new RecyclerError(
      'STORAGE_READ_ONLY',
      `[file-fetch] Cannot use ${path}: it is not a directory, or a symbolic link to one. Move it away; the queue makes its own.`,
    )
  }
}

async function make(path: string, recursive: boolean): Promise<boolean> {
  try {
    await mkdir(path, { recursive })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw storageError(error, `Cannot make the directory ${path}`)
  }
}
