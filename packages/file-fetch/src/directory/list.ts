import { readdir } from 'node:fs/promises'
import { parseJobFileName } from '../names/job-file-name.ts'
import type { JobFile } from '../names/job-file.ts'
import { errorCode } from './error-code.ts'
import { storageError } from './storage-error.ts'

/** A job and the name that it was read from. */
export interface ListedJob {
  readonly fileName: string
  readonly job: JobFile
}

/** The names in a directory, in order; hidden ones (of editors, of NFS) are left alone. */
export async function listNames(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith('.')).toSorted()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw storageError(error, `Cannot list ${path}`)
  }
}

/** The job files in a directory, in order, and the names of what is none: strangers. */
export async function listJobs(path: string): Promise<{ jobs: ListedJob[]; strangers: string[] }> {
  const jobs: ListedJob[] = []
  const strangers: string[] = []
  for (const entry of await readEntries(path)) {
    if (entry.name.startsWith('.')) continue
    const job = entry.isFile() ? parseJobFileName(entry.name) : undefined
    if (job) jobs.push({ fileName: entry.name, job })
    else strangers.push(entry.name)
  }
  jobs.sort((a, b) => (a.fileName < b.fileName ? -1 : 1))
  return { jobs, strangers }
}

async function readEntries(path: string) {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw storageError(error, `Cannot list ${path}`)
  }
}
