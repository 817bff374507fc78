import {
  type CallOptions,
  type Clock,
  createIdentity,
  type Logger,
  type RecoverReport,
  type RecoverRequest,
  silentLogger,
  systemClock,
} from '@worker-recycler/core'
import { type Fsync, queueDirectory } from '../directory/queue-directory.ts'
import { systemProcesses } from '../liveness/process-probe.ts'
import { describeSelf } from '../liveness/worker-record.ts'
import { checkDir, checkFsync, checkMaxInterruptions } from '../options.ts'
import { recover } from '../recovery/recover.ts'
import { findDead, type Judge } from '../recovery/sweeper.ts'
import { createEnqueue, type EnqueueOptions, type EnqueueResult, type NewJob } from './enqueue.ts'
import { type QueueStatus, queueStatus } from './status.ts'
import { type StoppedJobs, stoppedJobs } from './stopped-jobs.ts'
import { type JobState, type StoredJob, storedJobs } from './stored-job.ts'

/** How a queue directory is used without a worker. */
export interface FileQueueOptions {
  /** The directory, on a local file system. Made when it is missing. */
  readonly dir: string
  /** Defaults to `enqueue`: a job is on the disk when `enqueue` resolves. */
  readonly fsync?: Fsync
  /** As of the workers; counts when this side recovers. Defaults to 3. */
  readonly maxInterruptions?: number
  /** Defaults to the system's clock. */
  readonly clock?: Clock
  /** Defaults to silence. */
  readonly logger?: Logger
}

/** A queue directory as producers, operators and supervisors use it. Holds nothing open. */
export interface FileQueue {
  /** Adds a job. Resolves once it is durable by the fsync policy. */
  enqueue(name: string, payload: unknown, options?: EnqueueOptions): Promise<EnqueueResult>
  /**
   * Adds jobs, in order. All are validated before the first is written; after an error of the file
   * system, some of them are in the queue.
   */
  enqueueMany(jobs: readonly NewJob[]): Promise<EnqueueResult[]>
  /** Counts what is there. */
  status(): Promise<QueueStatus>
  /** The jobs in one state, in order, read from the file names. */
  jobs(state: JobState): Promise<StoredJob[]>
  /** Jobs that interrupted their process too often, and those whose rescue strategy is `hold`. */
  readonly quarantine: StoppedJobs
  /** Jobs whose attempts are used up, and those whose rescue strategy is `fail`. */
  readonly dead: StoppedJobs
  /**
   * Puts back what dead workers held: the one named, on its supervisor's death notice, or all that
   * are provably dead. Atomic per job, idempotent, safe to run at the same time elsewhere.
   */
  recover(request?: RecoverRequest, options?: Partial<CallOptions>): Promise<RecoverReport>
}

/** Opens a queue directory. Throws a TypeError for invalid options; touches nothing until it is used. */
export function fileQueue(options: FileQueueOptions): FileQueue {
  const { clock = systemClock, logger = silentLogger } = options
  const directory = queueDirectory(checkDir(options.dir), checkFsync(options.fsync))
  const recovery = {
    directory,
    maxInterruptions: checkMaxInterruptions(options.maxInterruptions),
    logger,
  }
  const enqueue = createEnqueue(directory, clock)

  const judge = (): Judge => {
    const processes = systemProcesses()
    // Never registered: it only describes this process to itself.
    const own = { identity: createIdentity(), heartbeatMs: 0, epochMs: clock.epochMs() }
    return { self: describeSelf(processes, own), processes }
  }

  return {
    enqueue: async (name, payload, more = {}) => {
      const [result] = await enqueue([{ ...more, name, payload }])
      if (!result) throw new Error('[file-fetch] Enqueued nothing')
      return result
    },
    enqueueMany: enqueue,
    status: () => queueStatus(directory, judge(), clock),
    jobs: (state) => storedJobs(directory, state),
    quarantine: stoppedJobs(directory, 'quarantine', clock),
    dead: stoppedJobs(directory, 'dead', clock),
    recover: async (request = {}, { signal = new AbortController().signal } = {}) => {
      await directory.ensure()
      return recover(recovery, request, () => findDead(recovery, judge()), { signal })
    },
  }
}
