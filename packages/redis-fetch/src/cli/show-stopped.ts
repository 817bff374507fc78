import type { StoppedJobs } from '../queue/stopped-jobs.ts'
import type { StoredJob } from '../queue/stored-job.ts'
import type { CommandContext } from './command.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'

/** `list`: the newest first, at most `limit` of them. */
export async function listJobs(
  jobs: StoppedJobs,
  limit: number,
  { values, output }: CommandContext,
): Promise<number> {
  // Where queues share one set, only a look at all of it tells which are of this queue.
  const read = await jobs.list(values.queue === undefined ? limit + 1 : Infinity)
  const own = read
    .filter(({ queue }) => values.queue === undefined || queue === values.queue)
    .toSorted((one, other) => (other.atEpochMs ?? 0) - (one.atEpochMs ?? 0))
  const listed = own.slice(0, limit)
  if (values.json) {
    await output.json({ jobs: listed.map(asJson), more: own.length > limit })
    return 0
  }
  const head = ['ID', 'QUEUE', 'JOB', 'SINCE', 'INTERRUPTIONS', 'FAILURES', 'WHY']
  const lines = listed.length === 0 ? ['None'] : table(head, listed.map(row))
  if (own.length > limit) lines.push('There are more: see --limit')
  await output.write(`${lines.join('\n')}\n`)
  return 0
}

/** `show`: one job with its payload; 1 when there is none of this id. */
export async function showJob(
  jobs: StoppedJobs,
  id: string,
  { values, output }: CommandContext,
): Promise<number> {
  const job = await jobs.show(id)
  if (!job || (values.queue !== undefined && job.queue !== values.queue)) {
    await output.tell(`There is no job ${printable(id)}`)
    return 1
  }
  if (values.json) {
    await output.json(asJson(job))
    return 0
  }
  const { payload, error, atEpochMs, enqueuedAtEpochMs, ...rest } = job
  const facts = {
    ...rest,
    enqueued: timeOf(enqueuedAtEpochMs),
    since: timeOf(atEpochMs),
    ...(error && { error: `${error.name}: ${error.message} (${timeOf(error.atEpochMs)})` }),
  }
  const lines = table(
    ['', ''],
    Object.entries(facts).map(([name, value]) => [`${name}:`, String(value)]),
  ).slice(1)
  // JSON escapes what controls a terminal, but for characters above the ASCII ones.
  const text = JSON.stringify(readable(payload), undefined, 2)
  const body = text.split('\n').map((line) => printable(line))
  await output.write(`${lines.join('\n')}\n\n${body.join('\n')}\n`)
  return 0
}

function row(job: StoredJob): (string | number)[] {
  const { id, queue, name, atEpochMs, interruptions, failures, error, lastCause } = job
  const why = error ? `${error.name}: ${error.message}` : (lastCause ?? '-')
  return [
    job.malformed ? '(malformed)' : printable(id),
    queue,
    printable(name, 40),
    timeOf(atEpochMs),
    interruptions,
    failures,
    printable(why, 60),
  ]
}

function asJson(job: StoredJob): StoredJob {
  return { ...job, payload: readable(job.payload) }
}

/** JSON has no bytes. */
function readable(payload: unknown): unknown {
  return payload instanceof Uint8Array
    ? { base64: Buffer.from(payload).toString('base64') }
    : payload
}

function timeOf(epochMs: number | undefined): string {
  const date = new Date(epochMs ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().replace(/\.\d+Z$/, 'Z')
}
