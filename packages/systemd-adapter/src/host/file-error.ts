import { type RecyclerErrorCode, RecyclerError } from '@worker-recycler/core'

const CODES: Readonly<Record<string, RecyclerErrorCode>> = {
  EROFS: 'STORAGE_READ_ONLY',
  ENOSPC: 'STORAGE_FULL',
  EDQUOT: 'STORAGE_FULL',
  EACCES: 'NOT_PERMITTED',
  EPERM: 'NOT_PERMITTED',
  EEXIST: 'PLAN_REFUSED',
  EISDIR: 'PLAN_REFUSED',
  ENOTDIR: 'PLAN_REFUSED',
  ELOOP: 'PLAN_REFUSED',
}

/** The error for a file that cannot be read or written, with a stable code where one fits. */
export function fileError(path: string, cause: unknown): unknown {
  const errno = errnoOf(cause)
  const code = CODES[errno ?? '']
  if (code === undefined) return cause
  return new RecyclerError(code, `[systemd-adapter] ${path}: ${TEXTS[code]} (${errno})`, { cause })
}

const TEXTS: Readonly<Record<string, string>> = {
  STORAGE_READ_ONLY:
    'it lies on a read-only file system. Set the limits where that is made, or with persistence `runtime`',
  STORAGE_FULL: 'there is no room left on its file system. Make some, and try again',
  NOT_PERMITTED: 'this user may not read or write it. Do it as root',
  PLAN_REFUSED: 'something else is in its place. Remove that first',
}

/** Lets a call fail with one of these, and gives undefined then. */
export function ignore(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (codes.includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}

/** The code of a system call's error, e.g. `ENOENT`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
