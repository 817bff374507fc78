import { lstat } from 'node:fs/promises'
import { errorCode } from './error-code.ts'

/** Whether something has this name; a symbolic link counts, wherever it leads. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false
    throw error
  }
}
