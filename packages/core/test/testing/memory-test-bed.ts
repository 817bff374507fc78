import type { JobSource } from '@worker-recycler/core'
import {
  memoryJobSource,
  memoryJobStore,
  type JobSourceTestBed,
  type MemoryJobSource,
  type MemoryJobStore,
  type SuiteSourceOptions,
} from '@worker-recycler/core/testing'

/** As on a network: every request and every reply takes a turn of the event loop. */
const latency = () => new Promise<void>((resolve) => setImmediate(resolve))

/** What a source is made of. */
export interface Parts {
  readonly store: MemoryJobStore
  readonly options: SuiteSourceOptions
  /** Identities that are registered. */
  readonly registered: Set<string>
  /** Makes the good source, with other options, or on a store of which some members differ. */
  readonly make: (
    options?: Partial<SuiteSourceOptions>,
    store?: Partial<MemoryJobStore>,
  ) => MemoryJobSource
}

/** The memory source on a test bed. `build` makes another adapter of it, e.g. a broken one. */
export function memoryTestBed(
  build: (parts: Parts) => JobSource = ({ make }) => make(),
): JobSourceTestBed {
  const store = memoryJobStore()
  const registered = new Set<string>()
  const crashes = new Map<JobSource, () => void>()
  const ids = (jobs: readonly { readonly id: string }[] = []) => jobs.map(({ id }) => id)
  const register = (identity: string) => {
    store.register(identity)
    registered.add(identity)
  }
  return {
    source: (options) => {
      const made: MemoryJobSource[] = []
      const make: Parts['make'] = (otherOptions, otherStore) => {
        const source = memoryJobSource({
          ...options,
          ...otherOptions,
          store: { ...store, register, ...otherStore },
          latency,
        })
        made.push(source)
        return source
      }
      const source = build({ store, options, registered, make })
      crashes.set(source, () => made.forEach((each) => each.crash()))
      return source
    },
    enqueue: async (name, payload) => store.enqueue(name, payload),
    oracle: {
      available: () => ids(store.queue),
      held: (identity) => ids(store.working.get(identity)),
      completed: () => [...store.completed].flatMap(([id, times]) => Array<string>(times).fill(id)),
      quarantined: () => ids(store.quarantine),
      registered: () => [...registered],
    },
    crash: (source) => crashes.get(source)?.(),
    expire: (identity) => store.bury(identity),
  }
}
