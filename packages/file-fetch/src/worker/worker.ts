import {
  type CallOptions,
  createLeaseTable,
  type JobSource,
  type JobSourceContext,
  places,
  RecyclerError,
} from '@worker-recycler/core'
import { createPruner } from '../directory/prune-completed.ts'
import { queueDirectory } from '../directory/queue-directory.ts'
import { tidyIfDue } from '../directory/tidy.ts'
import { createHeartbeatJudge } from '../liveness/heartbeat-judge.ts'
import { systemProcesses } from '../liveness/process-probe.ts'
import { describeSelf } from '../liveness/worker-record.ts'
import type { ResolvedOptions } from '../options.ts'
import { recover } from '../recovery/recover.ts'
import { createSweeper, findDead, type Judge } from '../recovery/sweeper.ts'
import { createClaimLoop } from './claim-loop.ts'
import { createClaim } from './claim.ts'
import { createHeartbeat, defaultHeartbeatMs } from './heartbeat.ts'
import { createHeldJobs } from './held-jobs.ts'
import { createQueueReader } from './queue-reader.ts'
import { enrol, withdraw } from './registration.ts'
import { createWakeUps } from './wake-ups.ts'

/** A job source that runs: its members without the declarations. */
export type Worker = Required<
  Pick<JobSource, 'quiesce' | 'inFlight' | 'abort' | 'handBack' | 'recover' | 'stop'>
> & {
  /** The throttle has changed. */
  wake(): void
}

/** Registers the worker, recovers the dead, then begins to fetch. */
export async function startWorker(
  options: ResolvedOptions,
  context: JobSourceContext,
  call: CallOptions,
  share: () => number,
): Promise<Worker> {
  const { identity, clock, logger } = context
  const directory = queueDirectory(options.dir, options.fsync)
  const processes = systemProcesses()
  const heartbeatMs = options.heartbeatMs ?? defaultHeartbeatMs(processes)
  const self = describeSelf(processes, { identity, heartbeatMs, epochMs: clock.epochMs() })
  const stopping = new AbortController()
  const table = createLeaseTable(context)
  let isFenced = false

  const fenced = (): void => {
    if (isFenced || stopping.signal.aborted) return
    isFenced = true
    context.failed(
      new RecyclerError(
        'FENCED',
        `[file-fetch] ${identity} was declared dead, and its jobs were given to others: what it still does changes nothing. Let it exit.`,
      ),
    )
  }
  const recovery = { directory, maxInterruptions: options.maxInterruptions, logger }
  const held = createHeldJobs(directory, identity, { retries: options.retries, clock, logger })
  const reader = createQueueReader(directory, options.queues, { clock, logger })
  const judge: Judge = {
    self,
    processes,
    heartbeats: createHeartbeatJudge(clock, options.sweepMs),
  }
  const pruner = createPruner(directory, options.keepCompleted, logger)
  const sweeper = createSweeper(recovery, judge, {
    clock,
    everyMs: options.sweepMs,
    afterSweep: async () => {
      // How an idle zombie learns of it.
      if (await held.fenced()) fenced()
    },
  })
  const claim = createClaim({
    directory,
    rescue: options.rescue,
    run: { handlers: options.handlers, table, held, clock, logger, stopped: stopping.signal },
    onEnded: (outcome) => {
      if (outcome === 'fenced') fenced()
      if (outcome === 'completed') pruner.completed()
      loop.wake()
    },
  })
  const loop = createClaimLoop({
    reader,
    clock,
    logger,
    limit: () => places(options.concurrency, share()),
    inFlight: () => table.inFlight(),
    claim,
    fenced,
  })
  const wakeUps = createWakeUps(directory, options, { reader, loop, clock, logger })
  const heartbeat = createHeartbeat(directory, self, { clock, logger })

  await directory.ensure()
  for (const queue of options.queues) await directory.ensureQueue(queue)
  await enrol(directory, self)
  try {
    call.signal.throwIfAborted()
    await tidyIfDue(directory, clock.epochMs())
    await pruner.prune()
  } catch (error) {
    if (call.signal.aborted) {
      await withdraw(directory, identity)
      throw error
    }
    logger.error({ error }, 'the queue directory was not tidied; the next start will')
  }
  heartbeat.start()
  await sweeper.start()
  wakeUps.start()
  loop.wake()

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await loop.close()
    wakeUps.stop()
    stopping.abort()
    await sweeper.stop()
    heartbeat.stop()
    await withdraw(directory, identity).catch((error: unknown) => {
      // What is left of it is found by every search, once this process is gone.
      logger.warn({ error }, 'the registration of the worker was not removed')
    })
  }

  return {
    quiesce: () => loop.close(),
    inFlight: () => table.inFlight(),
    abort: (lease, reason) => table.abort(lease, reason),
    handBack: (lease) => table.handBack(lease),
    recover: (request, options_) =>
      recover(recovery, request, () => findDead(recovery, judge), options_),
    wake: () => loop.wake(),
    stop: () => (closing ??= close()),
  }
}
