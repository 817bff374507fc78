import { lstat, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJobFileName } from '../names/job-file-name.ts'
import { listNames } from './list.ts'
import { move } from './move.ts'
import { type QueueDirectory, waitingPath } from './queue-directory.ts'

/** After this time nobody still writes a file in `tmp`, and no process still starts under a fenced name. */
const STALE_MS = 60 * 60 * 1000

/** Whoever starts a worker tidies, but no more often than this: a look at each old fence costs. */
const EVERY_MS = 10 * 60 * 1000

/** Tidies unless somebody did so a short while ago. */
export async function tidyIfDue(directory: QueueDirectory, epochMs: number): Promise<void> {
  const last = await lstat(directory.tidied).catch(() => undefined)
  if (last && epochMs - last.mtimeMs < EVERY_MS) return
  await writeFile(directory.tidied, '')
  await utimes(directory.tidied, epochMs / 1000, epochMs / 1000)
  await tidy(directory, epochMs)
}

/**
 * Removes what killed processes left behind: unfinished files in `tmp`, and old fences. A complete
 * job whose chosen id was reserved is published instead.
 */
export async function tidy(directory: QueueDirectory, epochMs: number): Promise<void> {
  for (const name of await listNames(directory.tmp)) {
    const path = join(directory.tmp, name)
    const stat = await lstat(path).catch(() => undefined)
    if (!stat || epochMs - stat.mtimeMs < STALE_MS) continue
    const job = parseJobFileName(name)
    if (job && stat.isFile() && stat.nlink > 1) {
      await directory.ensureQueue(job.queue)
      await move(path, waitingPath(directory, job, epochMs), directory.fsync)
    } else {
      await rm(path, { force: true, recursive: true })
    }
  }
  for (const name of await listNames(directory.fenced)) {
    const path = join(directory.fenced, name)
    const stat = await lstat(path).catch(() => undefined)
    if (stat?.isFile() && epochMs - stat.mtimeMs >= STALE_MS) await rm(path, { force: true })
  }
}
