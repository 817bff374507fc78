import type { JobSource, Lease } from '../contracts/job-source.ts'

/** The jobs held by this process, whether or not the job source can be asked. */
export interface HeldLeases {
  started(lease: Lease): void
  settled(lease: Lease): void
  /** The source's own word; where it throws, what it told before. */
  now(): readonly Lease[]
}

/** Makes the record; `onError` hears when the source begins to throw, not each time. */
export function createHeldLeases(source: JobSource, onError: (error: unknown) => void): HeldLeases {
  const told = new Map<string, Lease>()
  let failing = false
  return {
    started: (lease) => void told.set(lease.id, lease),
    settled: (lease) => void told.delete(lease.id),
    now: () => {
      try {
        const leases = source.inFlight()
        failing = false
        return leases
      } catch (error) {
        if (!failing) onError(error)
        failing = true
        return Array.from(told.values())
      }
    },
  }
}
