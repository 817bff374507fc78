import type { BullmqJob } from './bullmq-worker.ts'

/** The jobs of one worker from the claim on, and what of its fetching is not a lease yet. */
export interface Fetches {
  /** Makes an account of a claim; the job that it brings is on its way. */
  claim(claim: () => Promise<BullmqJob | undefined>): Promise<BullmqJob | undefined>
  /** A job is a lease now. */
  taken(job: BullmqJob): void
  /** The end of a job is being recorded, which may bring the next one. */
  settling(job: BullmqJob): void
  /** BullMQ is done with a job, and has brought this one. */
  over(job: BullmqJob, next: BullmqJob | undefined): void
  /** How many places are taken: claims, jobs on their way, and jobs that run. */
  busy(): number
  /** Resolves when no fetch is in flight and no job on its way. */
  settled(): Promise<void>
}

/** Makes the account; `onFreed` hears of each place that is free again. */
export function createFetches(onFreed: () => void): Fetches {
  const claims = new Set<object>()
  const settling = new Set<BullmqJob>()
  const onTheirWay = new Set<BullmqJob>()
  const jobs = new Set<BullmqJob>()
  let waiting: (() => void)[] = []

  const tell = () => {
    if (claims.size + settling.size + onTheirWay.size > 0) return
    const all = waiting
    waiting = []
    for (const each of all) each()
  }
  const brought = (job: BullmqJob | undefined) => {
    if (!job) return
    jobs.add(job)
    onTheirWay.add(job)
  }

  return {
    claim: async (claim) => {
      const each = {}
      claims.add(each)
      try {
        const job = await claim()
        brought(job)
        return job
      } finally {
        claims.delete(each)
        tell()
        onFreed()
      }
    },
    taken: (job) => {
      onTheirWay.delete(job)
      tell()
    },
    settling: (job) => void settling.add(job),
    over: (job, next) => {
      brought(next)
      for (const set of [settling, onTheirWay, jobs]) set.delete(job)
      tell()
      onFreed()
    },
    busy: () => claims.size + jobs.size,
    settled: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        tell()
      }),
  }
}
