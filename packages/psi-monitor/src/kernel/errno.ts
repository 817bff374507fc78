/** The code of an error of the system, e.g. `EROFS`; undefined for any other. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** A removed cgroup answers ENODEV through an open file, and ENOENT by its path. */
const GONE: ReadonlySet<string | undefined> = new Set(['ENODEV', 'ENOENT', 'ESRCH'])

/** Whether the file's cgroup, or process, is there no more. */
export function isGone(error: unknown): boolean {
  return GONE.has(errnoOf(error))
}

/** What the kernel means by it, where that is worth saying. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not; Linux 6.5 and 6.6 before 6.6.3 refuse it without CAP_SYS_RESOURCE',
  EROFS: 'the cgroup file system is mounted read-only, as in most containers',
  EOPNOTSUPP: 'pressure stall information is switched off: boot with psi=1',
  ENODEV: 'the cgroup has been removed',
  ENOENT: 'there is no such file',
  ESRCH: 'there is no such process',
  EMFILE: 'the limit of open files, or of inotify instances of this user, is reached',
  ENOSPC: 'the limit of inotify watches of this user is reached (fs.inotify.max_user_watches)',
  EINVAL:
    'without CAP_SYS_RESOURCE the window must be a multiple of 2 s; no window is longer than 10 s',
  EBUSY: 'the file carries a trigger already',
}

/** The reason of an error in a sentence without its end, e.g. `EROFS: the cgroup ...`. */
export function reasonOf(error: unknown): string {
  const code = errnoOf(error)
  const meaning = code === undefined ? undefined : MEANINGS[code]
  if (code !== undefined && meaning !== undefined) return `${code}: ${meaning}`
  return error instanceof Error ? error.message : String(error)
}
