import * as runner from 'vitest'
import { systemClock, type Clock } from '../../src/process/clock.ts'
import { createRecycler } from '../../src/recycler.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryCoordinator } from '../../src/testing/memory-coordinator.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { memoryJobStore } from '../../src/testing/memory-job-store.ts'
import { startStopContract } from '../../src/testing/start-stop-contract.ts'
import { handMonitor, type HandMonitor } from './hand-monitor.ts'

/** The system's clock, but it knows which timers wait. */
function countingClock(timers: Set<object>): Clock {
  return {
    ...systemClock,
    setTimer: (ms, callback) => {
      const timer = {}
      timers.add(timer)
      const cancel = systemClock.setTimer(ms, () => {
        timers.delete(timer)
        callback()
      })
      return () => {
        timers.delete(timer)
        cancel()
      }
    },
  }
}

startStopContract(runner, {
  name: 'the recycler',
  create: () => {
    const timers = new Set<object>()
    const clock = countingClock(timers)
    const store = memoryJobStore()
    const monitors: HandMonitor[] = []
    return {
      service: () => {
        const monitor = handMonitor()
        monitors.push(monitor)
        return createRecycler({
          source: memoryJobSource({ store }),
          monitors: [monitor],
          enforcer: fakeEnforcer({ stopBudgetMs: 20_000 }),
          coordinator: memoryCoordinator({ clock }),
          cohort: { name: 'all', size: 4 },
          clock,
        })
      },
      leaks: () => [
        ...Array.from(store.working.keys(), (identity) => `${identity} is still registered`),
        ...Array.from(timers, () => 'a timer waits'),
        ...monitors.filter(({ open }) => open > 0).map(({ name }) => `${name} is watched`),
      ],
    }
  },
})
