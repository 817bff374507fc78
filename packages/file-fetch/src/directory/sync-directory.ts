import { open } from 'node:fs/promises'
import { errorCode } from './error-code.ts'

/** What a file system answers that cannot fsync a directory, and what one answers that is gone. */
const HARMLESS = new Set(['ENOENT', 'EINVAL', 'ENOTSUP', 'EISDIR'])

/** Waits until the names in a directory are on the disk: fsync(2) of the file alone is not enough. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (!HARMLESS.has(errorCode(error) ?? '')) throw error
  }
}
