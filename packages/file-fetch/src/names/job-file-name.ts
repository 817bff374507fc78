import type { DeathCause } from '@worker-recycler/core'
import type { JobFile } from './job-file.ts'
import { decodeName, encodeName } from './percent.ts'
import { isId, isJobName, isQueueName } from './valid-name.ts'

/** Beyond this a counter stands still: its place in the name is five digits. */
const MAX_COUNT = 99_999
/** The highest number of four base-36 digits. */
export const MAX_SEQUENCE: number = 36 ** 4 - 1
/** The highest time of thirteen digits: in the year 2286. */
export const MAX_EPOCH_MS = 9_999_999_999_999

const PATTERN =
  /^(\d{13})-([0-9a-z]{4})~([^~]+)~([^~]+)~([^~]+)~f(\d{1,5})i(\d{1,5})b(\d{1,5})(?:\.(recycle|stop|memory|signal|crash|unknown))?(\.suspect)?\.json$/

/**
 * The file name of a job, at most 253 bytes of plain ASCII:
 * `1767225600000-0001~<id>~<job name>~<queue>~f1i2b1.memory.suspect.json`, where `f`, `i` and `b` are
 * its failures, its interruptions and those it is blamed for. Names sort in the order of the queue.
 */
export function formatJobFileName(job: JobFile): string {
  const at = String(clamp(job.atEpochMs, MAX_EPOCH_MS)).padStart(13, '0')
  const sequence = clamp(job.sequence, MAX_SEQUENCE).toString(36).padStart(4, '0')
  const counts = `f${clamp(job.failures, MAX_COUNT)}i${clamp(job.interruptions, MAX_COUNT)}b${clamp(job.blamed, MAX_COUNT)}`
  const cause = job.lastCause === undefined ? '' : `.${job.lastCause}`
  const suspect = job.suspect ? '.suspect' : ''
  return `${at}-${sequence}~${job.id}~${encodeName(job.name)}~${job.queue}~${counts}${cause}${suspect}.json`
}

/** Reads a file name; undefined when it is not exactly what `formatJobFileName` writes. */
export function parseJobFileName(fileName: string): JobFile | undefined {
  const match = PATTERN.exec(fileName)
  if (!match) return undefined
  const [, at, sequence, id = '', encoded = '', queue = '', failures, interruptions, blamed] = match
  const name = decodeName(encoded)
  if (name === undefined || !isId(id) || !isJobName(name) || !isQueueName(queue)) return undefined
  const job: JobFile = {
    atEpochMs: Number(at),
    sequence: Number.parseInt(sequence ?? '', 36),
    id,
    name,
    queue,
    failures: Number(failures),
    interruptions: Number(interruptions),
    blamed: Number(blamed),
    ...(match[9] === undefined ? {} : { lastCause: match[9] as DeathCause }),
    suspect: match[10] !== undefined,
  }
  // One job has one name: a second spelling (leading zeros, needless escapes) could hide a double.
  return formatJobFileName(job) === fileName ? job : undefined
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(0, Math.floor(value)))
}
