import {
  coordinatorContract,
  enforcerContract,
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

const runner = { describe, it }
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
