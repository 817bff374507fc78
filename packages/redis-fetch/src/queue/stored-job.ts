import type { Fleet } from '../fleet.ts'
import { type JobRecord, unreadable } from '../layout/job-record.ts'
import type { Layout } from '../layout/layout.ts'

/** Where a job is. */
export type JobState =
  | 'waiting'
  | 'suspect'
  | 'scheduled'
  | 'retry'
  | 'held'
  | 'dead'
  | 'quarantine'

/** A job as operators see it. */
export interface StoredJob extends JobRecord {
  readonly state: JobState
  readonly payload: unknown
  /** When it is due, or since when it is there; of jobs in a list nobody knows. */
  readonly atEpochMs?: number
  /** It cannot be read; `payload` then holds its bytes as text. */
  readonly malformed?: true
}

/** What is shown of the bytes of a job. */
export function storedJob(
  { layout }: Pick<Fleet, 'layout'>,
  bytes: Buffer,
  place: { readonly queue: string; readonly state: JobState; readonly score?: number },
): StoredJob {
  const { queue, state, score } = place
  const at = score === undefined ? {} : { atEpochMs: layout.epochMsOf(score) }
  const record = layout.codec.parse(bytes, queue)
  if (record) return { ...record, state, payload: payloadOf(layout, bytes), ...at }
  return { ...unreadable(queue), state, payload: bytes.toString(), malformed: true, ...at }
}

function payloadOf({ codec }: Layout, bytes: Buffer): unknown {
  try {
    return codec.payload(bytes)
  } catch {
    return bytes.toString()
  }
}
