import assert from 'node:assert/strict'
import type {
  HandBackOutcome,
  JobOutcome,
  JobSource,
  JobSourceContext,
  Lease,
  RecoverReport,
  RecoverRequest,
} from '../../contracts/job-source.ts'
import { createIdentity } from '../../identity.ts'
import { createDeadline, type SettableDeadline } from '../../jobs/deadline.ts'
import type { JobContext } from '../../jobs/job-context.ts'
import { silentLogger } from '../../logger.ts'
import { systemClock } from '../../process/clock.ts'
import { deferred } from '../../process/deferred.ts'
import { idleSignal, within, type Patience } from '../patience.ts'
import type { Trail } from '../trail.ts'
import type { JobSourceTestBed, SuiteHandler } from './test-bed.ts'

/** One run of a handler, ended by hand. */
export interface SuiteRun {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  readonly context: JobContext
  finish(): void
  fail(error: unknown): void
}

/** How a rule's worker differs from the usual one: one job at a time, ended by hand. */
export interface SuiteWorkerOptions {
  readonly concurrency?: number
  /** Jobs end by themselves. */
  readonly auto?: boolean
  /** Called within `jobStarted`. */
  readonly onStarted?: (lease: Lease) => void
  /** Called within `jobSettled`. */
  readonly onSettled?: (lease: Lease, outcome: JobOutcome) => void
}

/** A worker as core would be: it starts the source, and keeps account of what the source tells. */
export interface SuiteWorker {
  readonly identity: string
  readonly source: JobSource
  readonly deadline: SettableDeadline
  /** Runs of handlers, oldest first. */
  readonly runs: readonly SuiteRun[]
  readonly started: readonly Lease[]
  readonly settled: readonly { readonly id: string; readonly outcome: JobOutcome }[]
  /** What the source gave up for. */
  readonly failures: readonly unknown[]
  /** What the source is started with. */
  readonly context: JobSourceContext
  start(): Promise<void>
  quiesce(): Promise<void>
  stop(): Promise<void>
  recover(request: RecoverRequest): Promise<RecoverReport>
  /** The job's run, once its handler is entered. */
  run(id: string): Promise<SuiteRun>
  /** How the job's lease ended, once it has. */
  outcome(id: string): Promise<JobOutcome>
  /** The job's lease, out of `inFlight()`. */
  lease(id: string): Lease
  handBack(lease: Lease): Promise<HandBackOutcome>
}

/** Makes a worker on the storage of a test bed. */
export function createSuiteWorker(
  bed: JobSourceTestBed,
  trail: Trail,
  patience: Patience,
  options: SuiteWorkerOptions = {},
): SuiteWorker {
  const identity = createIdentity()
  const clock = bed.clock ?? systemClock
  const deadline = createDeadline(clock)
  const runs: SuiteRun[] = []
  const started: Lease[] = []
  const settled: { id: string; outcome: JobOutcome }[] = []
  const failures: unknown[] = []

  const handler =
    (name: string): SuiteHandler =>
    ({ id, payload }, context) => {
      const end = deferred<void>()
      runs.push({ id, name, payload, context, finish: end.resolve, fail: end.reject })
      if (options.auto) end.resolve()
      trail.note()
      return end.promise
    }
  const source = bed.source({
    handlers: { paint: handler('paint'), glaze: handler('glaze') },
    concurrency: options.concurrency ?? 1,
  })

  const context: JobSourceContext = {
    identity,
    clock,
    logger: silentLogger,
    deadline,
    jobStarted: (lease) => {
      started.push(lease)
      options.onStarted?.(lease)
      trail.note()
    },
    jobSettled: (lease, outcome) => {
      settled.push({ id: lease.id, outcome })
      options.onSettled?.(lease, outcome)
      trail.note()
    },
    failed: (error) => {
      failures.push(error)
      trail.note()
    },
  }
  const call = <T>(what: string, promise: Promise<T>) => within(promise, what, patience)
  const until = (condition: () => boolean, what: string) => trail.until(condition, what)

  return {
    identity,
    source,
    context,
    deadline,
    runs,
    started,
    settled,
    failures,
    start: () => call('start() to resolve', source.start(context, { signal: idleSignal() })),
    quiesce: () => call('quiesce() to resolve', source.quiesce({ signal: idleSignal() })),
    stop: () => call('stop() to resolve', source.stop({ signal: idleSignal() })),
    recover: (request) => {
      const recovering = source.recover?.(request, { signal: idleSignal() })
      assert.ok(recovering, '`supports.recover` promises the member `recover`')
      return call('recover() to resolve', recovering)
    },
    run: async (id) => {
      const find = () => runs.findLast((run) => run.id === id)
      await until(() => find() !== undefined, `the handler of job ${id} to be entered`)
      return found(find(), id)
    },
    outcome: async (id) => {
      const find = () => settled.findLast((end) => end.id === id)
      await until(() => find() !== undefined, `jobSettled() of job ${id}`)
      return found(find(), id).outcome
    },
    lease: (id) =>
      found(
        source.inFlight().find((lease) => lease.id === id),
        id,
      ),
    handBack: (lease) =>
      call('handBack() to resolve', source.handBack(lease, { signal: idleSignal() })),
  }
}

function found<T>(value: T | undefined, id: string): T {
  assert.ok(value, `Job ${id} is not held by this worker`)
  return value
}
