import type { JobSource } from '@worker-recycler/core'
import {
  memoryJobSource,
  memoryJobStore,
  type JobSourceTestBed,
  type MemoryJobSource,
  type MemoryJobStore,
} from '@worker-recycler/core/testing'

/** As on a network: every request and every reply takes a turn of the event loop. */
const latency = () => new Promise<void>((resolve) => setImmediate(resolve))

/** The memory source on a test bed. `wrap` makes another adapter of it, e.g. a broken one. */
export function memoryTestBed(
  wrap: (source: MemoryJobSource, store: MemoryJobStore) => JobSource = (source) => source,
): JobSourceTestBed {
  const store = memoryJobStore()
  const crashes = new Map<JobSource, () => void>()
  const ids = (jobs: readonly { readonly id: string }[] = []) => jobs.map(({ id }) => id)
  return {
    source: ({ handlers, concurrency }) => {
      const good = memoryJobSource({ store, handlers, concurrency, latency })
      const source = wrap(good, store)
      crashes.set(source, () => good.crash())
      return source
    },
    enqueue: async (name, payload) => store.enqueue(name, payload),
    oracle: {
      available: () => ids(store.queue),
      held: (identity) => ids(store.working.get(identity)),
      completed: () => [...store.completed].flatMap(([id, times]) => Array(times).fill(id)),
      quarantined: () => ids(store.quarantine),
      registered: () => [...store.working.keys()],
    },
    crash: (source) => crashes.get(source)?.(),
    expire: (identity) => store.bury(identity),
  }
}
