import {
  CONTRACT,
  createLeaseTable,
  type JobSource,
  type JobSourceContext,
  type LeaseTable,
  RecyclerError,
} from '@worker-recycler/core'
import { type BullmqSourceOptions, checkWorkers, resolveOptions } from './options.ts'
import { distinctQueues } from './queue/bullmq-queue.ts'
import { recover } from './recovery/recover.ts'
import { attachWorker } from './worker/attach-worker.ts'
import type { BullmqWorker } from './worker/bullmq-worker.ts'
import { closeWorkers } from './worker/close-workers.ts'
import { createGate } from './worker/gate.ts'
import type { Life } from './worker/life.ts'
import { createRegistration, type Registration } from './worker/registration.ts'
import { createTurnstile } from './worker/turnstile.ts'
import { unlessAborted } from './worker/unless-aborted.ts'

/** A job source over workers of BullMQ. */
export interface BullmqSource extends JobSource {
  readonly name: 'bullmq-adapter'
}

/**
 * Makes a job source of a `Worker` of BullMQ 5 or 6 that the application made, or of all workers of the
 * process. From then on they fetch nothing before `start`, and `stop` closes them. Give it a worker where
 * it is made: one that has begun to fetch is refused. Throws a TypeError for what it cannot work with.
 */
export function bullmqSource(
  worker: BullmqWorker | readonly BullmqWorker[],
  options: BullmqSourceOptions = {},
): BullmqSource {
  const workers = checkWorkers(worker)
  const { rescue, maxInterruptions } = resolveOptions(options)
  const isOneQueue = distinctQueues(workers).length === 1
  const stopping = new AbortController()
  const gate = createGate()
  let life: Life | undefined
  let table: LeaseTable | undefined
  let registration: Registration | undefined
  let starting: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const leaseId = (each: BullmqWorker, jobId: string) =>
    isOneQueue ? jobId : `${each.name}:${jobId}`
  const attached = workers.map((each) =>
    attachWorker(each, {
      gate,
      rescue,
      leaseId: (jobId) => leaseId(each, jobId),
      life: () => life,
    }),
  )
  /** Nothing is claimed any more, and what BullMQ's loop still waits for brings nothing. */
  const shut = () => {
    gate.shut()
    for (const each of workers) each.pause(true).catch(() => {})
  }
  const settled = () => Promise.all(attached.map((each) => each.settled()))
  const failed = (context: JobSourceContext, error: RecyclerError) => {
    const isNews = !gate.isShut()
    shut()
    if (isNews) context.failed(error)
  }

  const start = async (context: JobSourceContext, signal: AbortSignal): Promise<void> => {
    const { identity } = context
    for (const each of workers) await unlessAborted(each.waitUntilReady(), signal)
    const entered = createRegistration(workers, identity, context)
    registration = entered
    await unlessAborted(entered.enter(), signal)
    table = createLeaseTable(context)
    life = {
      context,
      table,
      turnstile: createTurnstile(),
      stopped: stopping.signal,
      fenced: () => failed(context, fencedError(identity)),
    }
    for (const each of workers) {
      each.on('closing', () => failed(context, closedError(each.name)))
    }
    gate.open()
    for (const each of workers) {
      // With `autorun` it runs already, up to the gate.
      if (!each.isRunning()) each.run().catch((error: unknown) => context.failed(error))
    }
  }

  return {
    kind: 'job-source',
    name: 'bullmq-adapter',
    contract: CONTRACT,
    supports: { abort: true, recover: true, fencing: true, throttle: true },
    start: async (context, { signal }) => {
      if (starting || stopping.signal.aborted) {
        throw new RecyclerError(
          'ILLEGAL_PHASE',
          '[bullmq-adapter] Started or stopped already: every incarnation of a worker needs a source of its own',
        )
      }
      starting = start(context, AbortSignal.any([signal, stopping.signal]))
      await starting
    },
    quiesce: async ({ signal }) => {
      shut()
      await unlessAborted(settled(), signal)
    },
    inFlight: () => table?.inFlight() ?? [],
    abort: (lease, reason) => {
      table?.abort(lease, reason)
      // BullMQ's own signal, if the processor declares one; it reaches sandboxed processors, too.
      for (const each of workers) {
        const jobId = isOneQueue ? lease.id : lease.id.slice(each.name.length + 1)
        if (leaseId(each, jobId) === lease.id) each.cancelJob(jobId, reason)
      }
    },
    handBack: async (lease) => {
      if (table) return table.handBack(lease)
      throw new RecyclerError('ILLEGAL_PHASE', '[bullmq-adapter] Not started: call `start` first')
    },
    recover: (request, call) => recover({ queues: workers, maxInterruptions }, request, call),
    throttle: (share) => {
      for (const each of attached) each.throttle(share)
    },
    stop: ({ signal }) => {
      stopping.abort()
      shut()
      closing ??= closeWorkers(workers, {
        starting,
        settled,
        registration: () => registration,
        table: () => table,
      })
      return unlessAborted(closing, signal).catch(() => {})
    },
  }
}

function fencedError(identity: string): RecyclerError {
  return new RecyclerError(
    'FENCED',
    `[bullmq-adapter] ${identity} was declared dead, and its jobs were given to others: what it still does changes nothing. Let it exit.`,
  )
}

function closedError(queue: string): RecyclerError {
  return new RecyclerError(
    'ILLEGAL_PHASE',
    `[bullmq-adapter] The worker of "${queue}" was closed by the application: leave that to the recycler`,
  )
}
