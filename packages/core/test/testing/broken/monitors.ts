import { sleep, type Monitor, type Reading } from '@worker-recycler/core'
import type { MonitorTestBed } from '@worker-recycler/core/testing'
import { monitorTestBed } from '../good.ts'
import type { Broken } from './broken.ts'

const broken = (
  name: string,
  breaks: string,
  build: (good: Monitor) => Monitor,
  ...also: readonly string[]
): Broken<MonitorTestBed> => ({ name, breaks, also, create: () => monitorTestBed(build) })

/** A monitor that is wrong in each of its readings. */
const mapped =
  (change: (reading: Reading, index: number) => Partial<Reading>) =>
  (good: Monitor): Monitor => ({
    ...good,
    async *watch(options) {
      let index = 0
      for await (const reading of good.watch(options)) {
        yield { ...reading, ...change(reading, (index += 1)) }
      }
    },
  })

/** Later than any rule moves the clock. */
const MUCH_LATER_MS = 1e9

export const brokenMonitors: readonly Broken<MonitorTestBed>[] = [
  broken('made for another contract', 'declares what it supports', (good) => ({
    ...good,
    contract: 2 as 1,
  })),
  broken('waits for its first reading', 'yields the first reading at once', (good) => ({
    ...good,
    async *watch(options) {
      await sleep(1000, options.clock, options.signal)
      yield* good.watch(options)
    },
  })),
  broken(
    'reads half bytes',
    'readings are facts with units',
    mapped(({ usedBytes = 0 }) => ({ usedBytes: usedBytes + 0.5 })),
  ),
  broken(
    'signs with another name',
    'readings name their monitor',
    mapped(() => ({ monitor: 'other' })),
  ),
  broken(
    'runs back in time',
    'the time of readings is of the clock, and never goes back',
    mapped((_reading, index) => ({ atMs: -index })),
  ),
  broken(
    'throws when it is told to end',
    'ends promptly on abort, without an error',
    (good) => ({
      ...good,
      async *watch(options) {
        if (options.signal.aborted) return
        yield* good.watch(options)
        options.signal.throwIfAborted()
      },
    }),
    'leaves no timer behind when its signal aborts',
  ),
  broken(
    'reads before it looks at its signal',
    'yields nothing when its signal has aborted before',
    (good) => ({
      ...good,
      async *watch(options) {
        if (options.signal.aborted) yield { monitor: 'scripted', metric: 'test.used', atMs: 0 }
        yield* good.watch(options)
      },
    }),
  ),
  broken(
    'ends all watches with one',
    'two watches are independent',
    (good) => {
      const all = new AbortController()
      return {
        ...good,
        watch: ({ signal, clock }) => {
          signal.addEventListener('abort', () => all.abort(), { once: true })
          if (signal.aborted) all.abort()
          return good.watch({ signal: all.signal, clock })
        },
      }
    },
    'can be watched again',
  ),
  broken('can be watched once', 'can be watched again', (good) => {
    let over = false
    return {
      ...good,
      async *watch(options) {
        if (over) return
        options.signal.addEventListener('abort', () => (over = true), { once: true })
        let readings = 0
        for await (const reading of good.watch(options)) {
          readings += 1
          // Another watch that goes on is not concerned.
          if (over && readings === 1) return
          yield reading
        }
      },
    }
  }),
  broken(
    'leaves a timer when it is told to end',
    'leaves no timer behind when its signal aborts',
    (good) => ({
      ...good,
      async *watch(options) {
        const cancel = options.clock.setTimer(MUCH_LATER_MS, () => {})
        try {
          yield* good.watch(options)
        } finally {
          if (!options.signal.aborted) cancel()
        }
      },
    }),
  ),
  broken(
    'leaves a timer when nobody listens',
    'leaves no timer behind when the reader breaks off',
    (good) => ({
      ...good,
      async *watch(options) {
        const cancel = options.clock.setTimer(MUCH_LATER_MS, () => {})
        try {
          yield* good.watch(options)
        } finally {
          if (options.signal.aborted) cancel()
        }
      },
    }),
  ),
]
