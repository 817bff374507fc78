import { jobSourceContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { testSuite } from './broken/broken.ts'
import { fetchingSources } from './broken/fetching-sources.ts'
import { toBroken } from './broken/job-source.ts'
import { leavingSources } from './broken/leaving-sources.ts'
import { recoveringSources } from './broken/recovering-sources.ts'
import { memoryTestBed } from './memory-test-bed.ts'
import { turnClock } from './turn-clock.ts'

jobSourceContract({ describe, it }, { create: () => memoryTestBed() })

testSuite(
  'job source contract',
  (runner, create) =>
    jobSourceContract(runner, { create, patienceMs: 1000, patienceClock: turnClock }),
  () => memoryTestBed(),
  toBroken([...fetchingSources, ...leavingSources, ...recoveringSources]),
)
