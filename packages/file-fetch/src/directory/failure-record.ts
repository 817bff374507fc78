import { readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import type { QueueDirectory } from './queue-directory.ts'

const MAX_TEXT = 16 * 1024

/** The last error of a job, as kept beside the queue. */
export interface FailureRecord {
  readonly atEpochMs: number
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
}

/** Describes whatever a handler threw. */
export function failureRecord(error: unknown, atEpochMs: number): FailureRecord {
  if (!(error instanceof Error)) {
    return { atEpochMs, name: 'Error', message: String(error).slice(0, MAX_TEXT) }
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    atEpochMs,
    name: error.name,
    message: error.message.slice(0, MAX_TEXT),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: error.stack.slice(0, MAX_TEXT) }),
  }
}

/** Keeps a job's last error in `errors/<id>.json`. Best effort: the job's fate never hangs on it. */
export async function writeFailure(
  directory: QueueDirectory,
  id: string,
  record: FailureRecord,
): Promise<void> {
  const scratch = directory.scratch('error')
  try {
    await writeFile(scratch, `${JSON.stringify(record, null, 2)}\n`, { flag: 'wx' })
    await rename(scratch, directory.errorOf(id))
  } catch {
    await rm(scratch, { force: true }).catch(() => {})
  }
}

/** Reads a job's last error; undefined when there is none that can be read. */
export async function readFailure(
  directory: QueueDirectory,
  id: string,
): Promise<FailureRecord | undefined> {
  try {
    return JSON.parse(await readFile(directory.errorOf(id), 'utf8')) as FailureRecord
  } catch {
    return undefined
  }
}

/** Forgets a job's last error. Best effort. */
export async function removeFailure(directory: QueueDirectory, id: string): Promise<void> {
  await unlink(directory.errorOf(id)).catch(() => {})
}
