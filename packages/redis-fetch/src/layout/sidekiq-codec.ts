import { type Codec, type JobDraft, NO_HISTORY } from './job-record.ts'
import { editMembers } from './json-members.ts'
import { editsOf, ownJson } from './sidekiq-change.ts'
import { readFields, recordOf, type SidekiqFields } from './sidekiq-fields.ts'
import { secondsOf } from './sidekiq-time.ts'

/** JSON.stringify writes such an escape for nothing but half of a surrogate pair. */
const HALF_PAIR = /(?<!\\)(?:\\\\)*\\ud[89a-f]/

/**
 * Sidekiq's jobs. A change edits their text and leaves every other byte as it is, so that Ruby reads
 * what Ruby wrote: also whole numbers that JavaScript cannot hold.
 */
export const sidekiqCodec: Codec = {
  parse: (bytes, queue) => {
    const fields = readFields(bytes)
    return fields && recordOf(fields, queue)
  },
  payload: (bytes) => fieldsOf(bytes)['args'] ?? [],
  create: (draft) => Buffer.from(textOf(draft)),
  change: (bytes, change) => {
    const fields = fieldsOf(bytes)
    const edits = editsOf(fields, recordOf(fields, ''), change)
    return edits.size === 0 ? bytes : Buffer.from(editMembers(bytes.toString(), edits))
  },
}

function fieldsOf(bytes: Buffer): SidekiqFields {
  const fields = readFields(bytes)
  if (!fields) throw new TypeError('Expected the bytes of a job of Sidekiq')
  return fields
}

function textOf({ id, name, queue, payload, enqueuedAtEpochMs, unique }: JobDraft): string {
  if (!Array.isArray(payload)) {
    throw new TypeError(
      `Expected \`payload\` to be an array, because Sidekiq's jobs take a list of arguments, got ${kindOf(payload)}`,
    )
  }
  const text = JSON.stringify({ retry: true, queue, class: name, args: payload, jid: id })
  if (HALF_PAIR.test(text)) {
    throw new TypeError(
      'Expected `payload` to hold whole characters, got half of a surrogate pair, which Ruby cannot read',
    )
  }
  const at = secondsOf(enqueuedAtEpochMs)
  const own = ownJson(NO_HISTORY, unique)
  const rest = own === undefined ? '' : `,"worker_recycler":${own}`
  return `${text.slice(0, -1)},"created_at":${at},"enqueued_at":${at}${rest}}`
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : `a value of type ${typeof value}`
}
