import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { encodeIdentity } from '../names/identity-name.ts'
import { formatJobFileName } from '../names/job-file-name.ts'
import type { JobFile } from '../names/job-file.ts'
import { ensureDirectories, ensureRoot } from './ensure-directory.ts'

/**
 * When to wait for the disk. A job survives the SIGKILL of every process without any fsync, as the
 * kernel holds what was written; fsync is for power loss and kernel crashes.
 */
export type Fsync =
  /** Never. */
  | 'none'
  /** A job is on the disk when `enqueue` resolves. After a power loss a finished job may run again. */
  | 'enqueue'
  /** Every change of place is on the disk before it is reported. */
  | 'always'

/** The one place that knows the layout. */
export interface QueueDirectory {
  readonly root: string
  readonly fsync: Fsync
  /** Jobs that can run now: `queues/<queue>/ready`. */
  ready(queue: string): string
  /** Jobs whose time is to come: `queues/<queue>/scheduled`. Due ones are claimed where they lie. */
  scheduled(queue: string): string
  /** What a worker holds: `working/<identity>`. */
  workingOf(identity: string): string
  /** Where a worker is registered: `workers/<identity>.json`. */
  registryOf(identity: string): string
  /** The last error of a job: `errors/<id>.json`. */
  errorOf(id: string): string
  /** A name in `tmp` that nobody else uses. */
  scratch(label: string): string
  readonly queues: string
  readonly working: string
  readonly workers: string
  /** Workers that were declared dead and are being recovered: `recovering/<identity>=<cause>=<held>`. */
  readonly recovering: string
  /** Empty files that say who was declared dead: `fenced/<identity>=<cause>`. */
  readonly fenced: string
  readonly completed: string
  readonly dead: string
  readonly quarantine: string
  readonly malformed: string
  readonly errors: string
  /** Hard links that reserve the ids that callers chose. */
  readonly ids: string
  readonly tmp: string
  /** An empty file, as old as the last tidying. */
  readonly tidied: string
  /** Makes the directories that every process needs. Refuses symbolic links. */
  ensure(): Promise<void>
  /** Makes the directories of a queue. */
  ensureQueue(queue: string): Promise<void>
}

/** Describes a queue directory; touches nothing. */
export function queueDirectory(dir: string, fsync: Fsync): QueueDirectory {
  const root = resolve(dir)
  const at = (name: string) => join(root, name)
  const queues = at('queues')
  const working = at('working')
  const workers = at('workers')
  const errors = at('errors')
  const tmp = at('tmp')
  const shared = {
    recovering: at('recovering'),
    fenced: at('fenced'),
    completed: at('completed'),
    dead: at('dead'),
    quarantine: at('quarantine'),
    malformed: at('malformed'),
    ids: at('ids'),
  }
  const ready = (queue: string) => join(queues, queue, 'ready')
  const scheduled = (queue: string) => join(queues, queue, 'scheduled')

  return {
    root,
    fsync,
    ready,
    scheduled,
    workingOf: (identity) => join(working, encodeIdentity(identity)),
    registryOf: (identity) => join(workers, `${encodeIdentity(identity)}.json`),
    errorOf: (id) => join(errors, `${id}.json`),
    scratch: (label) => join(tmp, `${label}.${randomBytes(8).toString('hex')}`),
    queues,
    working,
    workers,
    errors,
    tmp,
    tidied: at('tidied'),
    ...shared,
    ensure: async () => {
      await ensureRoot(root)
      await ensureDirectories([queues, working, workers, errors, tmp, ...Object.values(shared)])
    },
    ensureQueue: (queue) =>
      ensureDirectories([join(queues, queue), ready(queue), scheduled(queue)]),
  }
}

/** Where a job waits: `scheduled` while its time is to come, else `ready`. */
export function waitingPath(directory: QueueDirectory, job: JobFile, epochMs: number): string {
  const folder =
    job.atEpochMs > epochMs ? directory.scheduled(job.queue) : directory.ready(job.queue)
  return join(folder, formatJobFileName(job))
}
