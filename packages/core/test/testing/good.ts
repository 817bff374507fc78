import { createDeadline, createIdentity, silentLogger } from '@worker-recycler/core'
import type { Coordinator, Enforcer, Monitor } from '@worker-recycler/core'
import {
  fakeClock,
  fakeEnforcer,
  memoryCoordinator,
  memoryJobSource,
  memoryJobStore,
  scriptedMonitor,
  type CoordinatorTestBed,
  type EnforcerTestBed,
  type FakeEnforcer,
  type MemoryFiles,
  type MemoryPermits,
  type MonitorTestBed,
  type StartStop,
  type StartStopTestBed,
} from '@worker-recycler/core/testing'

/** The scripted monitor on a test bed. `build` makes another adapter of it, e.g. a broken one. */
export function monitorTestBed(build: (good: Monitor) => Monitor = (good) => good): MonitorTestBed {
  const readings = [1, 2, 3, 4, 5].map((usedBytes) => ({ reading: { usedBytes, limitBytes: 9 } }))
  return { clock: fakeClock(), monitor: () => build(scriptedMonitor(readings)) }
}

/** The memory coordinator on a test bed. `build` makes another adapter of it, e.g. a broken one. */
export function coordinatorTestBed(
  build: (good: Coordinator, permits: MemoryPermits) => Coordinator = (good) => good,
): CoordinatorTestBed {
  const clock = fakeClock()
  const permits: MemoryPermits = new Map()
  return {
    coordinator: () =>
      build({ ...memoryCoordinator({ clock, permits }), stop: async () => {} }, permits),
    pass: clock.advance,
  }
}

/** What a fake enforcer is made on. */
export interface EnforcerParts {
  readonly files: MemoryFiles
  /** The next `apply` is to fail half way. */
  readonly isObstructed: () => boolean
}

/** The fake enforcer on a test bed. `build` makes another adapter of it, e.g. a broken one. */
export function enforcerTestBed(
  build: (good: FakeEnforcer, parts: EnforcerParts) => Enforcer = (good) => good,
): EnforcerTestBed {
  const files: MemoryFiles = new Map([['/limits/other', 'soft=1\nhard=2\n']])
  let obstructed = false
  const run = () => {
    if (obstructed) throw new Error('Cannot reload')
  }
  const first = fakeEnforcer({
    host: { files, run },
    limits: { softBytes: 1, hardBytes: 2 },
    invocation: 'c0ffee',
  })
  const parts = { files, isObstructed: () => obstructed }
  return {
    enforcer: () => build(first, parts),
    successor: () => build(first.successor(), parts),
    ask: (request) => first.push(request),
    host: {
      request: { target: 'painter', softBytes: 2 ** 30 },
      state: () => Object.fromEntries(files),
      drift: () => void files.set('/limits/painter', 'soft=7\nhard=\n'),
      obstruct: () => {
        obstructed = true
      },
    },
  }
}

/** The memory job source as a service. `build` makes another service of it, e.g. a broken one. */
export function serviceTestBed(
  build: (good: StartStop) => StartStop = (good) => good,
): StartStopTestBed {
  const store = memoryJobStore()
  const options = { signal: new AbortController().signal }
  return {
    service: () => {
      const clock = fakeClock()
      const latency = () => new Promise<void>((resolve) => setImmediate(resolve))
      const source = memoryJobSource({ store, latency })
      const context = {
        identity: createIdentity(),
        clock,
        logger: silentLogger,
        deadline: createDeadline(clock),
        jobStarted: () => {},
        jobSettled: () => {},
        failed: () => {},
      }
      return build({
        start: () => source.start(context, options),
        stop: () => source.stop(options),
      })
    },
    leaks: () => [...store.working.keys()],
  }
}
