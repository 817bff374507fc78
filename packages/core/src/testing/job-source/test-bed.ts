import type { JobSource } from '../../contracts/job-source.ts'
import type { JobContext } from '../../jobs/job-context.ts'
import type { Clock } from '../../process/clock.ts'
import type { Harness, TestBed } from '../scope.ts'

/** The names of all jobs that the suite enqueues. */
export type SuiteJobName = 'paint' | 'glaze'

/** A job as the suite's handlers take it; an adapter's own job object fits when it has these. */
export interface SuiteJob {
  readonly id: string
  readonly payload: unknown
}

/** A handler of the suite, to be run by the source. */
export type SuiteHandler = (job: SuiteJob, context: JobContext) => Promise<void>

/** What the suite asks of a new worker's source. */
export interface SuiteSourceOptions {
  /** One for each name: a source that has one handler for all goes by the name of the job. */
  readonly handlers: Readonly<Record<SuiteJobName, SuiteHandler>>
  /** How many jobs the source runs at once. */
  readonly concurrency: number
}

type Ids = readonly string[] | Promise<readonly string[]>

/** Reads the truth without the adapter: raw files, raw keys. One id for every copy of a job. */
export interface JobSourceOracle {
  /** Jobs that wait to be run, by whichever worker comes first. */
  available(): Ids
  /** Jobs held by the worker of this identity. */
  held(identity: string): Ids
  /** Jobs that ended well. Leave it out when the storage forgets them. */
  completed?(): Ids
  /** Jobs put aside because they were interrupted too often. Leave it out when there are none. */
  quarantined?(): Ids
  /** Identities registered as workers. Leave it out when they cannot be read. */
  registered?(): Ids
}

/** One empty storage, and everything that reaches it: each rule of the suite asks for its own. */
export interface JobSourceTestBed extends TestBed {
  /**
   * A new worker's source on this storage, not started. Called several times: the sources share the
   * storage. Nothing is opened before `start()`.
   */
  source(options: SuiteSourceOptions): JobSource
  /** Adds a job without using a source; resolves with the job's id when it is durable. */
  enqueue(name: string, payload: unknown): Promise<string>
  readonly oracle: JobSourceOracle
  /**
   * Ends a worker as SIGKILL does: nothing is cleaned up, and it reaches the storage no more. When it
   * cannot be done in one process, leave it out; the suite then abandons the worker after `quiesce()`.
   */
  crash?(source: JobSource): void | Promise<void>
  /**
   * Makes the death of a crashed worker provable for `recover({})`, e.g. lets its heartbeat lapse.
   * When it cannot be done, leave it out; the rule is then reported as not run.
   */
  expire?(identity: string): void | Promise<void>
  /** Defaults to the system's clock. */
  readonly clock?: Clock
}

/** How `jobSourceContract` reaches the adapter under test. */
export type JobSourceHarness = Harness<JobSourceTestBed>
