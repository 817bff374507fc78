export { fakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { jobSourceContract } from './job-source-contract.ts'
export type {
  JobSourceHarness,
  JobSourceOracle,
  JobSourceTestBed,
  SuiteHandler,
  SuiteJob,
  SuiteSourceOptions,
} from './job-source/test-bed.ts'
export { memoryJobSource } from './memory-job-source.ts'
export type { MemoryHandler, MemoryJobSource, MemoryJobSourceOptions } from './memory-job-source.ts'
export { memoryJobStore } from './memory-job-store.ts'
export type { MemoryJob, MemoryJobStore, MemoryJobStoreOptions } from './memory-job-store.ts'
export type { RegisterTest, TestRunner } from './runner.ts'
