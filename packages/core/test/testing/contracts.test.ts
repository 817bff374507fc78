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

const runner = { describe, it }

/** The adapter behind the fault wrapper, without a fault: nothing may show. */
const wrapped = <T extends object>(good: T): T => faulty(good, {}, { clock: fakeClock() }).adapter
const patienceMs = 1000

monitorContract(runner, { create: () => monitorTestBed() })
testSuite(
  'monitor contract',
  (run, create) => monitorContract(run, { create, patienceMs }),
  () => monitorTestBed(),
  brokenMonitors,
)

coordinatorContract(runner, { create: () => coordinatorTestBed() })
testSuite(
  'coordinator contract',
  (run, create) => coordinatorContract(run, { create, patienceMs }),
  () => coordinatorTestBed(),
  brokenCoordinators,
)

enforcerContract(runner, { create: () => enforcerTestBed() })
testSuite(
  'enforcer contract',
  (run, create) => enforcerContract(run, { create, patienceMs }),
  () => enforcerTestBed(),
  brokenEnforcers,
)

startStopContract(runner, { name: 'memory job source', create: () => serviceTestBed() })
testSuite(
  'start and stop contract',
  (run, create) =>
    startStopContract(run, { name: 'memory job source', create, cycles: 5, patienceMs }),
  () => serviceTestBed(),
  brokenServices,
)

describe('behind a fault wrapper', () => {
  monitorContract(runner, { create: () => monitorTestBed(wrapped) })
  coordinatorContract(runner, { create: () => coordinatorTestBed(wrapped) })
  enforcerContract(runner, { create: () => enforcerTestBed(wrapped) })
  jobSourceContract(runner, { create: () => memoryTestBed(({ make }) => wrapped(make())) })
})
