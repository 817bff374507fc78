import { join } from 'node:path'
import type { DeathCause } from '@worker-recycler/core'
import { type ListedJob, listJobs, listNames } from '../directory/list.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { isQueueName } from '../names/valid-name.ts'

/** Where a job can be. */
export type JobState = 'ready' | 'scheduled' | 'working' | 'completed' | 'dead' | 'quarantine'

/** What a job's file name tells. */
export interface StoredJob {
  readonly id: string
  readonly name: string
  readonly queue: string
  readonly state: JobState
  /** Its place in the order; of a delayed job, when it is due. */
  readonly atEpochMs: number
  /** Runs that ended with an error. */
  readonly failures: number
  /** Runs that were cut off by the death of their process. */
  readonly interruptions: number
  readonly lastCause?: DeathCause
  /** Was in flight at a death by memory: runs alone. */
  readonly suspect: boolean
  readonly path: string
}

/** The names of all queues that were ever used here. */
export async function queueNames(directory: QueueDirectory): Promise<string[]> {
  return (await listNames(directory.queues)).filter(isQueueName)
}

/** The jobs in one state, in order, by file name alone: nothing is opened. */
export async function storedJobs(directory: QueueDirectory, state: JobState): Promise<StoredJob[]> {
  const found: StoredJob[] = []
  for (const folder of await foldersOf(directory, state)) {
    for (const listed of (await listJobs(folder)).jobs) found.push(describe(listed, folder, state))
  }
  return found
}

function describe({ fileName, job }: ListedJob, folder: string, state: JobState): StoredJob {
  const { id, name, queue, atEpochMs, failures, interruptions, lastCause, suspect } = job
  return {
    id,
    name,
    queue,
    state,
    atEpochMs,
    failures,
    interruptions,
    ...(lastCause === undefined ? {} : { lastCause }),
    suspect,
    path: join(folder, fileName),
  }
}

async function foldersOf(directory: QueueDirectory, state: JobState): Promise<string[]> {
  switch (state) {
    case 'ready':
      return (await queueNames(directory)).map((queue) => directory.ready(queue))
    case 'scheduled':
      return (await queueNames(directory)).map((queue) => directory.scheduled(queue))
    case 'working': {
      // What a dead worker held is held until its recovery has moved it.
      const holders = [directory.working, directory.recovering]
      const folders = await Promise.all(
        holders.map(async (holder) => (await listNames(holder)).map((name) => join(holder, name))),
      )
      return folders.flat()
    }
    case 'completed':
      return [directory.completed]
    case 'dead':
      return [directory.dead]
    case 'quarantine':
      return [directory.quarantine]
  }
}
