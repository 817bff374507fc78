import { isUtf8 } from 'node:buffer'
import type { JobHistory } from '@worker-recycler/core'
import { countOf } from './count.ts'
import { isDeathCause } from './death-cause.ts'
import type { JobError, JobRecord } from './job-record.ts'
import { epochMsIn } from './sidekiq-time.ts'

/** A job of Sidekiq's: what we read of it. Only the two that make it a job are certain. */
export interface SidekiqFields extends Readonly<Record<string, unknown>> {
  readonly class: string
  readonly jid: string
}

/** Undefined when the bytes are no job of Sidekiq's. */
export function readFields(bytes: Buffer): SidekiqFields | undefined {
  // Written back, other bytes would not be the same.
  if (!isUtf8(bytes)) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** What the fields tell; `queue` is where the job was found. */
export function recordOf(fields: SidekiqFields, queue: string): JobRecord {
  const own = objectIn(fields['worker_recycler'])
  const blamed = countOf(fields['interrupted_count'])
  const interruptions = Math.max(blamed, countOf(own['interruptions']))
  const cause = isDeathCause(own['cause']) ? own['cause'] : unwrittenCause({ interruptions })
  const error = errorIn(fields)
  return {
    id: fields.jid,
    name: textIn(fields['wrapped']) ?? fields.class,
    queue: textIn(fields['queue']) ?? queue,
    enqueuedAtEpochMs: epochMsIn(fields['enqueued_at']) ?? epochMsIn(fields['created_at']) ?? 0,
    unique: own['unique'] === true,
    failures: failuresIn(fields),
    interruptions,
    blamed,
    suspect: own['suspect'] === true,
    ...(cause && { lastCause: cause }),
    ...(error && { error }),
    ...limitsIn(fields),
  }
}

/** The cause that need not be written: whoever counts an interruption and says no more does not know. */
export function unwrittenCause({
  interruptions,
}: Pick<JobHistory, 'interruptions'>): 'unknown' | undefined {
  return interruptions > 0 ? 'unknown' : undefined
}

function isFields(value: unknown): value is SidekiqFields {
  const { class: name, jid } = objectIn(value)
  return textIn(name) !== undefined && textIn(jid) !== undefined
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first failure writes 0; a retry by hand, in Sidekiq's web page, takes 1 off again. */
function failuresIn({ retry_count: count }: SidekiqFields): number {
  return typeof count === 'number' ? countOf(count + 1) : 0
}

function errorIn(fields: SidekiqFields): JobError | undefined {
  const { error_class: name, error_message: message } = fields
  if (typeof name !== 'string' && typeof message !== 'string') return undefined
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    atEpochMs: epochMsIn(fields['retried_at']) ?? epochMsIn(fields['failed_at']) ?? 0,
  }
}

/** `retry` counts the runs after the first; a job with `retry: false` is dropped when it fails. */
function limitsIn({ retry, dead }: SidekiqFields): Pick<JobRecord, 'maxAttempts' | 'forgetDead'> {
  const maxAttempts = retry === false ? 1 : Number.isInteger(retry) ? Number(retry) + 1 : undefined
  return {
    ...(maxAttempts !== undefined && { maxAttempts: Math.max(1, maxAttempts) }),
    ...((retry === false || dead === false) && { forgetDead: true }),
  }
}
