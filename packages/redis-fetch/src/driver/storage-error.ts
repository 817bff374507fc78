import { isRecyclerError, RecyclerError, type RecyclerErrorCode } from '@worker-recycler/core'

/** Server errors by their first word, and what they mean for jobs. */
const CODES: Readonly<Record<string, readonly [RecyclerErrorCode, string]>> = {
  OOM: [
    'STORAGE_FULL',
    'The server is at its memory limit and takes no more jobs; what is there stays there. Raise `maxmemory`, or let workers catch up.',
  ],
  READONLY: [
    'STORAGE_READ_ONLY',
    'This server is a read-only replica. Connect to the primary, by Sentinel or Cluster where there is one.',
  ],
  MISCONF: [
    'STORAGE_READ_ONLY',
    'The server cannot persist and takes no writes. Look at its log and its disk.',
  ],
  NOPERM: [
    'STORAGE_UNFIT',
    'The ACL user lacks a permission; `worker-recycler-redis doctor` names the rules to add.',
  ],
  NOAUTH: ['STORAGE_UNFIT', 'The server wants credentials. Give `username` and `password`.'],
  WRONGPASS: ['STORAGE_UNFIT', 'The server refuses these credentials.'],
}

/** What Redis 6.2 writes before an error of a command in a script. */
const IN_SCRIPT = /^(?:ERR Error running script \(call to \w+\): )?(?:@user_script: ?\d+: )+/

/** The first word of a server's error: `OOM`, `WRONGTYPE`, `NOSCRIPT`, ... */
export function errorWord(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return /^-?([A-Z]+)\b/.exec(error.message.replace(IN_SCRIPT, ''))?.[1] ?? ''
}

/** A server's refusal as one clear sentence with a stable code; other errors as they are. */
export function storageError(error: unknown, what: string): unknown {
  if (isRecyclerError(error)) return error
  const known = CODES[errorWord(error)]
  if (!known) return error
  const [code, sentence] = known
  return new RecyclerError(code, `[redis-fetch] ${what}: ${sentence}`, { cause: error })
}

/** The server is not there, or did not answer: whatever was sent may or may not have been done. */
export function unreachable(what: string, cause?: unknown): RecyclerError {
  return new RecyclerError('STORAGE_UNREACHABLE', `[redis-fetch] ${what}`, { cause })
}
