import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@worker-recycler/core'
import { listJobs, listNames } from '../directory/list.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { judgeWorker, type Liveness } from '../liveness/judge-worker.ts'
import { readWorkerRecord } from '../liveness/worker-record.ts'
import { decodeIdentity } from '../names/identity-name.ts'
import { openFences } from '../recovery/fence-worker.ts'
import { registered } from '../recovery/recover.ts'
import type { Judge } from '../recovery/sweeper.ts'
import { queueNames } from './stored-job.ts'

/** A job that a worker holds. */
export interface HeldJob {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** Since it was claimed, from the file's change time: rough where clocks differ. */
  readonly ageMs: number
}

/** A worker, and what it holds. */
export interface WorkerStatus {
  readonly identity: string
  /** `unknown` for a worker of another host or container, and for one without a readable record. */
  readonly liveness: Liveness
  readonly host?: string
  readonly pid?: number
  readonly registeredAtEpochMs?: number
  readonly jobs: readonly HeldJob[]
}

/** What is in a queue directory. Counted folder by folder: jobs may move meanwhile. */
export interface QueueStatus {
  readonly queues: readonly {
    readonly queue: string
    readonly ready: number
    /** Delayed ones and retries; those that are due are claimed from here. */
    readonly scheduled: number
  }[]
  readonly working: number
  readonly completed: number
  readonly dead: number
  readonly quarantine: number
  readonly malformed: number
  /** Workers that were declared dead, and whose jobs are not all back yet. */
  readonly recovering: readonly string[]
  readonly workers: readonly WorkerStatus[]
}

/** Counts what is there; opens no job. */
export async function queueStatus(
  directory: QueueDirectory,
  judge: Judge,
  clock: Clock,
): Promise<QueueStatus> {
  const count = async (folder: string) => (await listJobs(folder)).jobs.length
  const queues = []
  for (const queue of await queueNames(directory)) {
    const ready = await count(directory.ready(queue))
    queues.push({ queue, ready, scheduled: await count(directory.scheduled(queue)) })
  }
  const holders = (await listNames(directory.working)).flatMap((name) => decodeIdentity(name) ?? [])
  const workers: WorkerStatus[] = []
  for (const identity of new Set([...(await registered(directory)), ...holders])) {
    workers.push(await workerStatus(directory, identity, judge, clock))
  }
  return {
    queues,
    working: workers.reduce((sum, worker) => sum + worker.jobs.length, 0),
    completed: await count(directory.completed),
    dead: await count(directory.dead),
    quarantine: await count(directory.quarantine),
    malformed: (await listNames(directory.malformed)).length,
    recovering: (await openFences(directory)).map((fence) => fence.identity),
    workers,
  }
}

async function workerStatus(
  directory: QueueDirectory,
  identity: string,
  judge: Judge,
  clock: Clock,
): Promise<WorkerStatus> {
  const record = await readWorkerRecord(directory, identity)
  const folder = directory.workingOf(identity)
  const jobs: HeldJob[] = []
  for (const { fileName, job } of (await listJobs(folder)).jobs) {
    const stat = await lstat(join(folder, fileName)).catch(() => undefined)
    const { id, name, queue } = job
    // It ended while we looked.
    if (stat) jobs.push({ id, name, queue, ageMs: Math.max(0, clock.epochMs() - stat.ctimeMs) })
  }
  if (!record) return { identity, liveness: 'unknown', jobs }
  const { host, pid, registeredAtEpochMs } = record
  const liveness = judgeWorker(record, judge.self, judge.processes)
  return { identity, liveness, host, pid, registeredAtEpochMs, jobs }
}
