import { createDeadline, createIdentity, silentLogger } from '@worker-recycler/core'
import {
  coordinatorContract,
  enforcerContract,
  fakeClock,
  fakeEnforcer,
  memoryCoordinator,
  memoryJobSource,
  memoryJobStore,
  monitorContract,
  scriptedMonitor,
  startStopContract,
} from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'

const runner = { describe, it }

monitorContract(runner, {
  create: () => ({ clock: fakeClock(), monitor: () => scriptedMonitor([1, 2, 3, 4, 5]) }),
})

coordinatorContract(runner, {
  create: () => {
    const clock = fakeClock()
    const permits = new Map()
    return { coordinator: () => memoryCoordinator({ clock, permits }), pass: clock.advance }
  },
})

enforcerContract(runner, {
  create: () => {
    const files = new Map([['/limits/other', 'soft=1\nhard=2\n']])
    const enforcer = fakeEnforcer({ files, limits: { softBytes: 1, hardBytes: 2 } })
    return {
      enforcer: () => enforcer,
      successor: () => enforcer.successor(),
      ask: (request) => enforcer.push(request),
      host: {
        request: { target: 'painter', softBytes: 2 ** 30 },
        state: () => Object.fromEntries(files),
        drift: () => void files.set('/limits/painter', 'soft=7\nhard=\n'),
      },
    }
  },
})

const store = memoryJobStore()
startStopContract(runner, {
  name: 'memory job source',
  create: () => {
    const source = memoryJobSource({ store })
    const clock = fakeClock()
    const options = { signal: new AbortController().signal }
    const context = {
      identity: createIdentity(),
      clock,
      logger: silentLogger,
      deadline: createDeadline(clock),
      jobStarted: () => {},
      jobSettled: () => {},
      failed: () => {},
    }
    return { start: () => source.start(context, options), stop: () => source.stop(options) }
  },
  leaks: () => [...store.working.keys()],
})
