import type { BullmqJob, BullmqWorker } from './bullmq-worker.ts'

/** How BullMQ came to the end of a job: it recorded it, or found the lock gone. */
type Ending = 'recorded' | 'lost'

/** Tells when BullMQ has recorded how a job ended. */
export interface Endings {
  /** To be called before BullMQ is told how the job ended. */
  of(job: BullmqJob): Promise<Ending>
  /** BullMQ is done with the job: whatever was not recorded by now never will be. */
  over(job: BullmqJob): void
}

/** Follows the ends of a worker's jobs. */
export function followEndings(worker: BullmqWorker): Endings {
  const awaited = new Map<BullmqJob, (ending: Ending) => void>()
  const end = (job: BullmqJob | undefined, ending: Ending) => {
    if (!job) return
    awaited.get(job)?.(ending)
    awaited.delete(job)
  }
  worker.on('completed', (job) => end(job, 'recorded'))
  worker.on('failed', (job) => end(job, 'recorded'))
  return {
    of: (job) => new Promise((resolve) => void awaited.set(job, resolve)),
    over: (job) => end(job, 'lost'),
  }
}
