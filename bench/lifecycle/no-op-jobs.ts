import { createDeadline, createRecycler, silentLogger, systemClock } from '@worker-recycler/core'
import {
  memoryJobSource,
  memoryJobStore,
  type MemoryJobSource,
} from '@worker-recycler/core/testing'

const JOBS = 20_000

/** A source with its jobs, and the promise of their end. */
function load(): { source: MemoryJobSource; done: Promise<void> } {
  const store = memoryJobStore()
  let left = JOBS
  let resolve = () => {}
  const done = new Promise<void>((ended) => {
    resolve = ended
  })
  const handlers = {
    noop: async () => {
      left -= 1
      if (left === 0) resolve()
    },
  }
  for (let number = 0; number < JOBS; number++) store.enqueue('noop')
  return { source: memoryJobSource({ store, handlers, concurrency: 10 }), done }
}

/** Microseconds a no-op job takes under a recycler with all its defaults. */
export async function withRecycler(): Promise<number> {
  const { source, done } = load()
  const recycler = createRecycler({ source })
  const startMs = performance.now()
  await recycler.start()
  await done
  const tookMs = performance.now() - startMs
  await recycler.stop()
  return (1000 * tookMs) / JOBS
}

/** Microseconds it takes when nobody looks on. */
export async function withoutRecycler(): Promise<number> {
  const { source, done } = load()
  const { signal } = new AbortController()
  const startMs = performance.now()
  await source.start(
    {
      identity: 'bench:1:000000',
      clock: systemClock,
      logger: silentLogger,
      deadline: createDeadline(systemClock),
      jobStarted: () => {},
      jobSettled: () => {},
      failed: () => {},
    },
    { signal },
  )
  await done
  const tookMs = performance.now() - startMs
  await source.stop({ signal })
  return (1000 * tookMs) / JOBS
}
