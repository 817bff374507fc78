import { RecyclerError } from '@worker-recycler/core'
import { errorCode } from './error-code.ts'

const FULL = new Set(['ENOSPC', 'EDQUOT'])
const READ_ONLY = new Set(['EROFS', 'EACCES', 'EPERM'])

/**
 * What to throw for an error of the file system: a RecyclerError that says what to do
 * (`STORAGE_FULL`, `STORAGE_READ_ONLY`), or the error itself.
 *
 * @param failed what could not be done, e.g. `Cannot write /queue/tmp/x`
 */
export function storageError(error: unknown, failed: string): unknown {
  const code = errorCode(error) ?? ''
  if (FULL.has(code)) {
    return new RecyclerError(
      'STORAGE_FULL',
      `[file-fetch] ${failed}: no space is left on the device (${code}). Make room, or raise the quota; no job is lost meanwhile.`,
      { cause: error },
    )
  }
  if (READ_ONLY.has(code)) {
    return new RecyclerError(
      'STORAGE_READ_ONLY',
      `[file-fetch] ${failed}: ${code === 'EROFS' ? 'the file system is read-only' : 'permission is denied'} (${code}). Let this user write to the directory.`,
      { cause: error },
    )
  }
  return error
}
