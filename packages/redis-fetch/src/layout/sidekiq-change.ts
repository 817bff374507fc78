import type { JobChange, JobError, JobRecord } from './job-record.ts'
import { type SidekiqFields, unwrittenCause } from './sidekiq-fields.ts'
import { epochMsIn, secondsOf } from './sidekiq-time.ts'

/** Members of a job to set to other JSON, or to remove. */
export type Edits = Map<string, string | undefined>

/** As long as Sidekiq lets it be. */
const LONGEST_MESSAGE = 10_000

/**
 * What a change means for a job's members, in the order in which Sidekiq would add them. Only what
 * differs is edited, so that a job which is put back as it was keeps its bytes.
 */
export function editsOf(fields: SidekiqFields, before: JobRecord, change: JobChange): Edits {
  const edits: Edits = new Map()
  const { retry_queue: retryQueue } = fields
  if (change.failures > before.failures && typeof retryQueue === 'string') {
    edits.set('queue', JSON.stringify(retryQueue))
  }
  if (!isSame(before.error, change.error)) editError(edits, fields, change.error)
  if (change.failures !== before.failures) editFailures(edits, change)
  if (change.blamed !== before.blamed) {
    edits.set('interrupted_count', change.blamed > 0 ? String(change.blamed) : undefined)
  }
  const own = ownJson(change, before.unique)
  if (own !== ownJson(before, before.unique)) edits.set('worker_recycler', own)
  return edits
}

/** What Sidekiq has no member for; undefined when there is nothing of it. */
export function ownJson(history: Omit<JobChange, 'error'>, unique: boolean): string | undefined {
  const { interruptions, blamed, lastCause, suspect } = history
  const own = {
    ...(interruptions > blamed && { interruptions }),
    ...(lastCause !== unwrittenCause(history) && lastCause && { cause: lastCause }),
    ...(suspect && { suspect }),
    ...(unique && { unique }),
  }
  return Object.keys(own).length > 0 ? JSON.stringify(own) : undefined
}

function editError(edits: Edits, fields: SidekiqFields, error: JobError | undefined): void {
  edits.set('error_message', error && JSON.stringify(readable(error.message)))
  edits.set('error_class', error && JSON.stringify(readable(error.name)))
  // That of another error.
  edits.set('error_backtrace', undefined)
  const first = epochMsIn(fields['failed_at']) === undefined
  if (!error || first) edits.set('failed_at', error && secondsOf(error.atEpochMs))
  edits.set('retried_at', error && !first ? secondsOf(error.atEpochMs) : undefined)
}

function editFailures(edits: Edits, { failures, error }: JobChange): void {
  edits.set('retry_count', failures > 0 ? String(failures - 1) : undefined)
  if (failures > 0 || error) return
  for (const key of ['failed_at', 'retried_at']) edits.set(key, undefined)
}

/** Ruby's JSON refuses half of a surrogate pair, and with it the whole job. */
function readable(text: string): string {
  return Buffer.from(text.slice(0, LONGEST_MESSAGE)).toString()
}

function isSame(one: JobError | undefined, other: JobError | undefined): boolean {
  return (
    one?.name === other?.name &&
    one?.message === other?.message &&
    one?.atEpochMs === other?.atEpochMs
  )
}
