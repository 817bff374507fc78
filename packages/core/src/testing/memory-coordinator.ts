import { CONTRACT } from '../contracts/adapter.ts'
import type { Coordinator, Permit } from '../contracts/coordinator.ts'
import type { Clock } from '../process/clock.ts'

/** Permits in memory, shared by several coordinators: when each holder's lapses, by cohort. */
export type MemoryPermits = Map<string, Map<string, number>>

/** How a memory coordinator differs from the usual one. */
export interface MemoryCoordinatorOptions {
  /** Tells when permits lapse. */
  readonly clock: Clock
  /** Shared with other coordinators. Defaults to permits of its own. */
  readonly permits?: MemoryPermits
}

/** Makes a coordinator for workers within one process. */
export function memoryCoordinator(options: MemoryCoordinatorOptions): Coordinator {
  const { clock } = options
  const permits: MemoryPermits = options.permits ?? new Map()
  const valid = (cohort: string): Map<string, number> => {
    const holders = permits.get(cohort) ?? new Map<string, number>()
    permits.set(cohort, holders)
    for (const [holder, endMs] of holders) if (endMs <= clock.nowMs()) holders.delete(holder)
    return holders
  }
  return {
    kind: 'coordinator',
    name: 'memory',
    contract: CONTRACT,
    supports: { ttl: true },
    acquire: async ({ cohort, holder, max, ttlMs }, { signal }): Promise<Permit | null> => {
      signal.throwIfAborted()
      const holders = valid(cohort)
      if (!holders.has(holder) && holders.size >= max) return null
      holders.set(holder, clock.nowMs() + ttlMs)
      return {
        cohort,
        holder,
        release: async () => {
          valid(cohort).delete(holder)
        },
      }
    },
  }
}
