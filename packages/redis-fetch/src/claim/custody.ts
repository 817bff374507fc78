import type { Lease, LeaseTable } from '@worker-recycler/core'
import type { HeldJob } from './held-job.ts'

/** What lies in this worker's lists for a reason: it runs, or is on its way out. */
export interface Custody {
  /** A job is on its way out without being run. */
  watch(job: HeldJob, moving: Promise<unknown>): void
  /** Resolves when nothing is on its way out any more. */
  settled(): Promise<void>
  /**
   * To be called before a list is read. What it gives tells, for what was read, which entries nobody
   * looks after: a job that leaves meanwhile may still be listed, and must not be taken for one.
   */
  look(): (listed: readonly HeldJob[]) => readonly HeldJob[]
}

/** Makes the record of a worker's jobs. */
export function createCustody(table: Pick<LeaseTable, 'inFlight'>): Custody {
  const leaving = new Map<HeldJob, Promise<unknown>>()
  return {
    watch: (job, moving) => {
      leaving.set(job, moving)
      void moving.finally(() => leaving.delete(job))
    },
    settled: async () => {
      while (leaving.size > 0) await Promise.all(leaving.values())
    },
    look: () => {
      const running = new Set(table.inFlight().map(({ id }: Lease) => id))
      const onTheirWay = [...leaving.keys()]
      return (listed) =>
        listed.filter(({ queue, bytes, record }) => {
          // The same job twice in one list: one of them is looked after, the other is not.
          if (record.id !== '' && running.delete(record.id)) return false
          const index = onTheirWay.findIndex(
            (job) => job.queue === queue && job.bytes.equals(bytes),
          )
          if (index !== -1) onTheirWay.splice(index, 1)
          return index === -1
        })
    },
  }
}
