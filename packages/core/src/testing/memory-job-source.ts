import { CONTRACT } from '../contracts/adapter.ts'
import type { JobSource, JobSourceContext, Lease } from '../contracts/job-source.ts'
import { RecyclerError } from '../errors.ts'
import type { JobContext } from '../jobs/job-context.ts'
import { createLeaseTable, type LeaseTable } from '../jobs/lease-table.ts'
import { deferred, type Deferred } from '../process/deferred.ts'
import { memoryJobStore, type MemoryJob, type MemoryJobStore } from './memory-job-store.ts'

/** Runs a job of a memory source. */
export type MemoryHandler = (job: MemoryJob, context: JobContext) => Promise<void>

/** How a memory source differs from the usual one. */
export interface MemoryJobSourceOptions {
  /** Shared with other sources. Defaults to a store of its own. */
  readonly store?: MemoryJobStore
  /** By job name. A job without a handler runs until `finish` or `fail` is called for it. */
  readonly handlers?: Readonly<Record<string, MemoryHandler>>
  /** How many jobs run at once. Defaults to 1. */
  readonly concurrency?: number
  /** Waited for before and after every call of the store, as on a network. Defaults to nothing. */
  readonly latency?: () => Promise<void>
}

/** A job source without durability, for tests: the reference for adapters. */
export interface MemoryJobSource extends JobSource {
  readonly store: MemoryJobStore
  /** Contexts of the jobs that run without a handler, by id. */
  readonly running: ReadonlyMap<string, JobContext>
  /** Ends a job that runs without a handler. */
  finish(id: string): void
  /** Lets a job that runs without a handler fail. */
  fail(id: string, error: unknown): void
  /** Ends the worker as SIGKILL does: nothing is cleaned up, and the store hears no more of it. */
  crash(): void
}

/** Makes a job source on a memory store. */
export function memoryJobSource(options: MemoryJobSourceOptions = {}): MemoryJobSource {
  const { concurrency = 1, handlers = {}, latency = () => Promise.resolve() } = options
  const store = options.store ?? memoryJobStore()
  const running = new Map<string, JobContext>()
  const ends = new Map<string, Deferred<void>>()
  let state: 'created' | 'fetching' | 'quiesced' | 'stopped' | 'crashed' = 'created'
  let share = 1
  let worker: { readonly context: JobSourceContext; readonly table: LeaseTable } | undefined
  let fetching: Promise<void> | undefined
  let again = false
  let unsubscribe = () => {}

  const started = () => {
    if (worker) return worker
    throw new RecyclerError('ILLEGAL_PHASE', '[memory] Not started: call start() first')
  }
  const hasStopped = () => state === 'stopped'
  // A crashed process gets no replies, and acts on none.
  const reply = async () => {
    await latency()
    if (state === 'crashed') await new Promise<never>(() => {})
  }
  const ask = async <T>(call: () => T): Promise<T> => {
    await reply()
    const result = call()
    await reply()
    return result
  }

  const endFetching = (next: 'quiesced' | 'stopped' | 'crashed') => {
    if (state !== 'crashed' && state !== 'stopped') state = next
    unsubscribe()
  }
  const giveUp = ({ context }: ReturnType<typeof started>) => {
    if (state !== 'fetching' && state !== 'quiesced') return
    endFetching('quiesced')
    context.failed(
      new RecyclerError(
        'FENCED',
        `[memory] ${context.identity} was declared dead: start a new one`,
      ),
    )
  }

  const handle = async (job: MemoryJob, context: JobContext) => {
    const handler = handlers[job.name]
    if (handler) return handler(job, context)
    const byHand = deferred<void>()
    running.set(job.id, context)
    ends.set(job.id, byHand)
    try {
      await byHand.promise
    } finally {
      if (running.get(job.id) === context) {
        running.delete(job.id)
        ends.delete(job.id)
      }
    }
  }
  const run = async (job: MemoryJob) => {
    const { context, table } = started()
    const { id, name, interruptions, lastCause } = job
    const delivery = {
      count: job.runs + 1,
      interruptions,
      ...(lastCause === undefined ? {} : { lastCause }),
    }
    const lease: Lease = { id, name, startedAtMs: context.clock.nowMs(), delivery }
    const outcome = await table.run(lease, {
      handle: (jobContext) => handle(job, jobContext),
      settle: (result) => ask(() => store.settle(context.identity, id, result)),
      putBack: () => ask(() => store.putBack(context.identity, id)),
    })
    if (outcome === 'fenced') giveUp(started())
    wake()
  }

  const fetchAll = async () => {
    const { context, table } = started()
    again = false
    const isFetching = () => state === 'fetching'
    while (isFetching() && table.inFlight().length < Math.floor(concurrency * share)) {
      const job = await ask(() => store.claim(context.identity))
      if (job === 'fenced') giveUp(started())
      if (job === 'fenced' || job === undefined) return
      if (isFetching()) run(job).catch((error: unknown) => context.failed(error))
      else await ask(() => store.putBack(context.identity, job.id))
    }
  }
  const wake = () => {
    again = true
    if (state !== 'fetching' || fetching) return
    fetching = fetchAll().finally(() => {
      fetching = undefined
      if (again) wake()
    })
  }

  return {
    kind: 'job-source',
    name: 'memory',
    contract: CONTRACT,
    supports: { abort: true, recover: true, fencing: true, throttle: true },
    store,
    running,
    start: async (context, { signal }) => {
      signal.throwIfAborted()
      if (state !== 'created') {
        throw new RecyclerError('ILLEGAL_PHASE', '[memory] Started before: make a new source')
      }
      state = 'fetching'
      worker = { context, table: createLeaseTable(context) }
      await ask(() => store.register(context.identity))
      if (hasStopped()) {
        store.leave(context.identity)
        throw new RecyclerError('ILLEGAL_PHASE', '[memory] Stopped while it started')
      }
      unsubscribe = store.onAvailable(wake)
      wake()
    },
    quiesce: async ({ signal }) => {
      endFetching('quiesced')
      if (!signal.aborted) await fetching
    },
    inFlight: () => worker?.table.inFlight() ?? [],
    abort: (lease, reason) => started().table.abort(lease, reason),
    handBack: async (lease, { signal }) => {
      signal.throwIfAborted()
      return started().table.handBack(lease)
    },
    recover: async (request, { signal }) => {
      signal.throwIfAborted()
      return { recovered: await ask(() => store.recover(request)) }
    },
    throttle: (next) => {
      share = next
      wake()
    },
    stop: async ({ signal }) => {
      if (state === 'crashed') return
      endFetching('stopped')
      if (!signal.aborted) await fetching
      if (worker) store.leave(worker.context.identity)
    },
    finish: (id) => endOf(ends, id).resolve(),
    fail: (id, error) => endOf(ends, id).reject(error),
    crash: () => endFetching('crashed'),
  }
}

function endOf(ends: ReadonlyMap<string, Deferred<void>>, id: string): Deferred<void> {
  const found = ends.get(id)
  if (found) return found
  throw new TypeError(`Expected \`id\` to be a job that runs without a handler, got ${id}`)
}
