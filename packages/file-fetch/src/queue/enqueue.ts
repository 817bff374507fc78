import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '@worker-recycler/core'
import { errorCode } from '../directory/error-code.ts'
import { formatJobContent } from '../directory/job-content.ts'
import { move } from '../directory/move.ts'
import { type QueueDirectory, waitingPath } from '../directory/queue-directory.ts'
import { releaseId, reserveId } from '../directory/reserve-id.ts'
import { storageError } from '../directory/storage-error.ts'
import { syncDirectory } from '../directory/sync-directory.ts'
import { formatJobFileName, MAX_EPOCH_MS, MAX_SEQUENCE } from '../names/job-file-name.ts'
import type { JobFile } from '../names/job-file.ts'
import { checkId, checkJobName, checkQueueName } from '../names/valid-name.ts'

/** How one job is enqueued. */
export interface EnqueueOptions {
  /** Defaults to `default`. */
  readonly queue?: string
  /** Runs the job no earlier than after this time. Defaults to 0. */
  readonly delayMs?: number
  /** Or no earlier than at this wall-clock time. */
  readonly runAt?: Date
  /**
   * Makes the enqueueing idempotent: while a job with this id is anywhere in the directory
   * (waiting, held, in quarantine, dead, or among the completed ones that are kept), another is
   * refused. Needs a file system with hard links. Defaults to 20 random hex digits.
   */
  readonly id?: string
}

/** What became of one enqueueing. */
export interface EnqueueResult {
  readonly id: string
  /** `duplicate`: a job with the given id is there; nothing was enqueued. */
  readonly outcome: 'enqueued' | 'duplicate'
}

/** One job of `enqueueMany`. */
export interface NewJob extends EnqueueOptions {
  readonly name: string
  readonly payload: unknown
}

/** Files that are written at the same time. */
const AT_ONCE = 16

/** Writes jobs into their queues. */
export type Enqueue = (jobs: readonly NewJob[]) => Promise<EnqueueResult[]>

interface Prepared {
  readonly job: JobFile
  readonly text: string
  readonly chosen: boolean
}

/** Makes the producer's side of a queue directory. */
export function createEnqueue(directory: QueueDirectory, clock: Clock): Enqueue {
  const nextSequence = createSequence()
  const ensured = new Set<string>()
  let ensuring: Promise<void> | undefined

  const prepare = (entry: NewJob): Prepared => {
    const now = clock.epochMs()
    const job: JobFile = {
      atEpochMs: dueAt(entry, now),
      sequence: nextSequence(now),
      id: entry.id === undefined ? randomBytes(10).toString('hex') : checkId(entry.id),
      name: checkJobName(entry.name),
      queue: checkQueueName(entry.queue ?? 'default'),
      failures: 0,
      interruptions: 0,
      blamed: 0,
      suspect: false,
    }
    const { id, name, queue } = job
    const content = {
      version: 1,
      id,
      name,
      queue,
      enqueuedAtEpochMs: now,
      payload: entry.payload,
    } as const
    return { job, text: formatJobContent(content), chosen: entry.id !== undefined }
  }

  const ensure = async (queue: string): Promise<void> => {
    ensuring ??= directory.ensure()
    try {
      await ensuring
      if (ensured.has(queue)) return
      await directory.ensureQueue(queue)
      ensured.add(queue)
    } catch (error) {
      ensuring = undefined
      throw error
    }
  }

  const publish = async (entry: Prepared): Promise<[EnqueueResult, string]> => {
    await ensure(entry.job.queue)
    const { path, job } = await writeScratch(directory, entry)
    const to = waitingPath(directory, job, clock.epochMs())
    const result = (outcome: EnqueueResult['outcome']): [EnqueueResult, string] => [
      { id: job.id, outcome },
      dirname(to),
    ]
    try {
      if (entry.chosen && (await reserveId(directory, job.id, path, clock.epochMs())) === 'taken') {
        await rm(path, { force: true })
        return result('duplicate')
      }
      if ((await move(path, to, 'none')) === 'moved') return result('enqueued')
      // The queue's directory was removed, or another producer of this id has published for us.
      ensured.clear()
      ensuring = undefined
      await ensure(job.queue)
      if ((await move(path, to, 'none')) === 'moved' || entry.chosen) return result('enqueued')
      throw new Error(`[file-fetch] ${path} was removed while the job was being enqueued`)
    } catch (error) {
      await rm(path, { force: true }).catch(() => {})
      if (entry.chosen) await releaseId(directory, job.id).catch(() => {})
      throw error
    }
  }

  return async (entries) => {
    // All are checked before any is written.
    const prepared = entries.map(prepare)
    const results: EnqueueResult[] = []
    const touched = new Set<string>()
    for (let start = 0; start < prepared.length; start += AT_ONCE) {
      const chunk = prepared.slice(start, start + AT_ONCE)
      // All are waited for, also after an error: what is in the queue then stays as it is.
      for (const published of await Promise.allSettled(chunk.map(publish))) {
        if (published.status === 'rejected') throw published.reason
        const [result, folder] = published.value
        results.push(result)
        touched.add(folder)
      }
    }
    if (prepared.some(({ chosen }) => chosen)) touched.add(directory.ids)
    if (directory.fsync !== 'none') {
      for (const folder of touched) await syncDirectory(folder)
    }
    return results
  }
}

/** Writes the job's file where nobody looks for jobs. */
async function writeScratch(
  directory: QueueDirectory,
  entry: Prepared,
): Promise<{ path: string; job: JobFile }> {
  for (let job = entry.job; ; job = { ...job, sequence: job.sequence + 1 }) {
    const path = join(directory.tmp, formatJobFileName(job))
    if (await write(path, entry.text, directory.fsync !== 'none')) return { path, job }
    // Another producer enqueues the same chosen id in the same millisecond.
  }
}

async function write(path: string, text: string, sync: boolean): Promise<boolean> {
  const failed = `Cannot enqueue into ${dirname(dirname(path))}`
  let handle: FileHandle
  try {
    handle = await open(path, 'wx')
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw storageError(error, failed)
  }
  try {
    await handle.writeFile(text)
    if (sync) await handle.sync()
    return true
  } catch (error) {
    await rm(path, { force: true }).catch(() => {})
    throw storageError(error, failed)
  } finally {
    await handle.close()
  }
}

function dueAt(entry: NewJob, now: number): number {
  const { delayMs, runAt } = entry
  if (delayMs !== undefined && runAt !== undefined) {
    throw new TypeError('Expected one of `delayMs` and `runAt`, got both')
  }
  if (delayMs !== undefined && !(delayMs >= 0 && now + delayMs <= MAX_EPOCH_MS)) {
    throw new TypeError(`Expected \`delayMs\` to be at least 0 and end before 2286, got ${delayMs}`)
  }
  if (runAt !== undefined && !(runAt.getTime() >= 0 && runAt.getTime() <= MAX_EPOCH_MS)) {
    throw new TypeError(`Expected \`runAt\` to be a time before 2286, got ${String(runAt)}`)
  }
  return Math.ceil(runAt?.getTime() ?? now + (delayMs ?? 0))
}

/** Numbers the jobs of one millisecond, so that they keep their order. */
function createSequence(): (epochMs: number) => number {
  let lastMs = -1
  let next = 0
  return (epochMs) => {
    next = epochMs === lastMs ? Math.min(next + 1, MAX_SEQUENCE) : 0
    lastMs = epochMs
    return next
  }
}
