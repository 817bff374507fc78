export { coordinatorContract } from './coordinator-contract.ts'
export type { CoordinatorHarness, CoordinatorTestBed } from './coordinator-contract.ts'
export { enforcerContract } from './enforcer-contract.ts'
export type { EnforcerHarness, EnforcerHostTestBed, EnforcerTestBed } from './enforcer/test-bed.ts'
export { fakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { fakeEnforcer } from './fake-enforcer.ts'
export type { EnforcerCall, FakeEnforcer, FakeEnforcerOptions } from './fake-enforcer.ts'
export { faulty } from './faulty.ts'
export type { Fault, Faults, Faulty, MemberName } from './faulty.ts'
export { jobSourceContract } from './job-source-contract.ts'
export type {
  JobSourceHarness,
  JobSourceOracle,
  JobSourceTestBed,
  SuiteHandler,
  SuiteJob,
  SuiteJobName,
  SuiteSourceOptions,
} from './job-source/test-bed.ts'
export { memoryCoordinator } from './memory-coordinator.ts'
export type { MemoryCoordinatorOptions, MemoryPermits } from './memory-coordinator.ts'
export { memoryHost } from './memory-host.ts'
export type { MemoryFiles, MemoryHostFacts, MemoryHostOptions } from './memory-host.ts'
export { memoryJobSource } from './memory-job-source.ts'
export type { MemoryHandler, MemoryJobSource, MemoryJobSourceOptions } from './memory-job-source.ts'
export { memoryJobStore } from './memory-job-store.ts'
export type { MemoryJob, MemoryJobStore, MemoryJobStoreOptions } from './memory-job-store.ts'
export { monitorContract } from './monitor-contract.ts'
export type { MonitorHarness, MonitorTestBed } from './monitor-contract.ts'
export type { Patience } from './patience.ts'
export type { RegisterTest, TestRunner } from './runner.ts'
export type { Harness, TestBed } from './scope.ts'
export { scriptedMonitor } from './scripted-monitor.ts'
export type { ScriptedMonitorOptions, ScriptStep } from './scripted-monitor.ts'
export { startStopContract } from './start-stop-contract.ts'
export type { StartStop, StartStopHarness, StartStopTestBed } from './start-stop-contract.ts'
