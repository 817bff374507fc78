import { lstat, mkdir } from 'node:fs/promises'
import { RecyclerError } from '@worker-recycler/core'
import { errorCode } from './error-code.ts'
import { storageError } from './storage-error.ts'

/** Makes the root and its parents. The root itself may be a symbolic link. */
export async function ensureRoot(root: string): Promise<void> {
  await make(root, true)
}

/** Makes directories below the root, parents first. A link could lead out of the tree: it is refused. */
export async function ensureDirectories(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if ((await make(path, false)) || (await lstat(path)).isDirectory()) continue
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
