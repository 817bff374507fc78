import {
  coordinatorContract,
  enforcerContract,
  fakeClock,
  faulty,
  jobSourceContract,
  monitorContract,
  startStopContract,
} from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { testSuite } from './broken/broken.ts'
import { brokenCoordinators } from './broken/coordinators.ts'
import { brokenEnforcers } from './broken/enforcers.ts'
import { brokenMonitors } from './broken/monitors.ts'
import { brokenServices } from './broken/services.ts'
import { coordinatorTestBed, enforcerTestBed, monitorTestBed, serviceTestBed } from './good.ts'
import { memoryTestBed } from './memory-test-bed.ts'
import { turnClock } from './turn-clock.ts'

const runner = { describe, it }

/** The adapter behind the fault wrapper, without a fault: nothing may show. */
const wrapped = <T extends object>(good: T): T => faulty(good, {}, { clock: fakeClock() }).adapter
const patience = { patienceMs: 1000, patienceClock: turnClock }

monitorContract(runner, { create: () => monitorTestBed() })
testSuite(
  'monitor contract',
  (run, create) => monitorContract(run, { create, ...patience, patienceMs: 10_000 }),
  () => monitorTestBed(),
  brokenMonitors,
)

coordinatorContract(runner, { create: () => coordinatorTestBed() })
testSuite(
  'coordinator contract',
  (run, create) => coordinatorContract(run, { create, ...patience }),
  () => coordinatorTestBed(),
  brokenCoordinators,
)

enforcerContract(runner, { create: () => enforcerTestBed() })
testSuite(
  'enforcer contract',
  (run, create) => enforcerContract(run, { create, ...patience }),
  () => enforcerTestBed(),
  brokenEnforcers,
)

startStopContract(runner, { name: 'memory job source', create: () => serviceTestBed() })
testSuite(
  'start and stop contract',
  (run, create) =>
    startStopContract(run, { name: 'memory job source', create, cycles: 5, ...patience }),
  () => serviceTestBed(),
  brokenServices,
)

describe('behind a fault wrapper', () => {
  monitorContract(runner, { create: () => monitorTestBed(wrapped) })
  coordinatorContract(runner, { create: () => coordinatorTestBed(wrapped) })
  enforcerContract(runner, { create: () => enforcerTestBed(wrapped) })
  jobSourceContract(runner, { create: () => memoryTestBed(({ make }) => wrapped(make())) })
})
