import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { errorCode } from './error-code.ts'
import { storageError } from './storage-error.ts'

/** A larger file is no job: it would cost every worker that meets it its memory. 16 MiB. */
const MAX_JOB_BYTES = 16 * 1024 * 1024

const CHUNK_BYTES = 32 * 1024

/** What open(2) and read(2) answer for what is no regular file. */
const NO_JOB: Readonly<Record<string, string>> = {
  ELOOP: 'a symbolic link',
  EISDIR: 'a directory',
  EAGAIN: 'no regular file',
  ENXIO: 'no regular file',
  ESPIPE: 'no regular file',
}

/** What is written once, at enqueue, and never edited. */
export interface JobContent {
  readonly version: 1
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly enqueuedAtEpochMs: number
  readonly payload: unknown
}

/** What reading a job's file gave. */
export type ReadResult =
  | { readonly kind: 'content'; readonly content: JobContent }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'gone' }

/** The bytes of a job file. Throws a TypeError for a payload that JSON cannot hold, or that is too large. */
export function formatJobContent(content: JobContent): string {
  // `undefined` is no JSON; a job without a payload carries null.
  const text = `${JSON.stringify({ ...content, payload: content.payload ?? null })}\n`
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_JOB_BYTES) {
    throw new TypeError(
      `Expected a payload of at most ${MAX_JOB_BYTES} bytes as JSON, got ${bytes}`,
    )
  }
  return text
}

/** Reads a job's file without following a link or waiting for a FIFO. */
export async function readJobContent(path: string): Promise<ReadResult> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  try {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      return parseJobContent(await readAll(handle))
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return { kind: 'gone' }
    const why = NO_JOB[code ?? '']
    if (why !== undefined) return { kind: 'malformed', why }
    throw storageError(error, `Cannot read ${path}`)
  }
}

/** One read is enough for most jobs: a job costs three calls, open, read and close. */
async function readAll(handle: FileHandle): Promise<string | undefined> {
  const chunks: Buffer[] = []
  for (let length = 0; length <= MAX_JOB_BYTES;) {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, length)
    chunks.push(buffer.subarray(0, bytesRead))
    length += bytesRead
    if (bytesRead < CHUNK_BYTES) return Buffer.concat(chunks).toString('utf8')
  }
  return undefined
}

function parseJobContent(text: string | undefined): ReadResult {
  if (text === undefined) return { kind: 'malformed', why: `longer than ${MAX_JOB_BYTES} bytes` }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'malformed', why: 'its content is not JSON' }
  }
  if (typeof value !== 'object' || value === null || !('payload' in value)) {
    return { kind: 'malformed', why: 'its content has no `payload`' }
  }
  const content = value as Partial<JobContent>
  if (content.version !== 1) return { kind: 'malformed', why: 'its `version` is not 1' }
  return {
    kind: 'content',
    content: {
      version: 1,
      id: String(content.id),
      name: String(content.name),
      queue: String(content.queue),
      enqueuedAtEpochMs: Number(content.enqueuedAtEpochMs),
      payload: content.payload,
    },
  }
}
