import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { errorCode } from './error-code.ts'
import { storageError } from './storage-error.ts'

/** A larger file is no job: it would cost every worker that meets it its memory. 16 MiB. */
export const MAX_JOB_BYTES: number = 16 * 1024 * 1024

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
      const stat = await handle.stat()
      if (!stat.isFile()) return { kind: 'malformed', why: 'not a regular file' }
      if (stat.size > MAX_JOB_BYTES) return { kind: 'malformed', why: `${stat.size} bytes long` }
      return parseJobContent(await handle.readFile('utf8'))
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return { kind: 'gone' }
    if (code === 'ELOOP') return { kind: 'malformed', why: 'a symbolic link' }
    throw storageError(error, `Cannot read ${path}`)
  }
}

function parseJobContent(text: string): ReadResult {
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
