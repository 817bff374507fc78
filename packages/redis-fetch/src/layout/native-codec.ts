import { isUtf8 } from 'node:buffer'
import type { DeathCause } from '@worker-recycler/core'
import { countOf } from './count.ts'
import { isDeathCause } from './death-cause.ts'
import type { Codec, JobChange, JobError, JobRecord } from './job-record.ts'

/** The first line of a job's bytes; short names, because every job carries them. */
interface Header {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** Enqueued at, in epoch milliseconds. */
  readonly at: number
  readonly unique?: true
  /** The payload is bytes, not JSON. */
  readonly binary?: true
  readonly failures?: number
  readonly interruptions?: number
  readonly blamed?: number
  readonly cause?: DeathCause
  readonly suspect?: true
  readonly error?: JobError
}

const NEW_LINE = 0x0a

/**
 * One line of JSON about the job, a line feed, then the payload: JSON, or bytes as they are. A change
 * writes the first line anew and never reads the rest, so a payload of any size keeps every byte.
 */
export const nativeCodec: Codec = {
  parse: (bytes, queue) => {
    const header = readHeader(bytes)
    if (!header) return undefined
    const { id, name, at, unique, cause, error } = header
    // One literal: every job is read on the way to its handler.
    const record: JobRecord = {
      id,
      name,
      queue: typeof header.queue === 'string' ? header.queue : queue,
      enqueuedAtEpochMs: typeof at === 'number' ? at : 0,
      unique: unique === true,
      failures: countOf(header.failures),
      interruptions: countOf(header.interruptions),
      blamed: countOf(header.blamed),
      suspect: header.suspect === true,
    }
    if (cause === undefined && error === undefined) return record
    return {
      ...record,
      ...(isDeathCause(cause) && { lastCause: cause }),
      ...(isJobError(error) && { error }),
    }
  },
  payload: (bytes) => {
    const header = headerOf(bytes)
    const body = bodyOf(bytes)
    return header.binary ? body : (JSON.parse(body.toString()) as unknown)
  },
  create: ({ id, name, queue, payload, enqueuedAtEpochMs, unique }) => {
    const binary = payload instanceof Uint8Array
    const header: Header = {
      id,
      name,
      queue,
      at: enqueuedAtEpochMs,
      ...(unique && { unique }),
      ...(binary && { binary }),
    }
    const body = binary ? Buffer.from(payload) : Buffer.from(jsonOf(payload))
    return withHeader(header, body)
  },
  change: (bytes, change) => {
    // What a newer version wrote into the line stays there.
    const { failures, interruptions, blamed, cause, suspect, error, ...job } = headerOf(bytes)
    return withHeader({ ...job, ...historyOf(change) }, bodyOf(bytes))
  },
}

function historyOf(change: JobChange): Partial<Header> {
  const { failures, interruptions, blamed, lastCause, suspect, error } = change
  return {
    ...(failures > 0 && { failures }),
    ...(interruptions > 0 && { interruptions }),
    ...(blamed > 0 && { blamed }),
    ...(lastCause && { cause: lastCause }),
    ...(suspect && { suspect }),
    ...(error && { error }),
  }
}

function withHeader(header: Header, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
}

function headerOf(bytes: Buffer): Header {
  const header = readHeader(bytes)
  if (!header) throw new TypeError('Expected the bytes of a job')
  return header
}

function bodyOf(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.indexOf(NEW_LINE) + 1)
}

function readHeader(bytes: Buffer): Header | undefined {
  const end = bytes.indexOf(NEW_LINE)
  if (end === -1) return undefined
  const line = bytes.subarray(0, end)
  if (!isUtf8(line)) return undefined
  try {
    const header: unknown = JSON.parse(line.toString())
    return isHeader(header) ? header : undefined
  } catch {
    return undefined
  }
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false
  const { id, name } = value as Partial<Header>
  return typeof id === 'string' && id !== '' && typeof name === 'string' && name !== ''
}

function isJobError(value: unknown): value is JobError {
  if (typeof value !== 'object' || value === null) return false
  const { name, message, atEpochMs } = value as Partial<JobError>
  return typeof name === 'string' && typeof message === 'string' && typeof atEpochMs === 'number'
}

/** The payload as JSON keeps it. Throws a TypeError for what JSON cannot keep. */
export function jsonOf(payload: unknown): string {
  const text = JSON.stringify(payload ?? null) as string | undefined
  if (text !== undefined) return text
  throw new TypeError(
    `Expected \`payload\` to be something that JSON can hold, got a ${typeof payload}`,
  )
}
