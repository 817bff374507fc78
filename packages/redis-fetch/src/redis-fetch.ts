import {
  CONTRACT,
  type JobSource,
  type JobSourceContext,
  RecyclerError,
} from '@worker-recycler/core'
import { startWorker } from './claim/start-worker.ts'
import type { Worker } from './claim/worker.ts'
import { type RedisFetchOptions, resolveOptions } from './options.ts'
import { redisQueue } from './redis-queue.ts'

/** A job source that takes its jobs from Redis. */
export interface RedisFetch extends JobSource {
  readonly name: 'redis-fetch'
}

/**
 * Takes jobs from queues on Redis or Valkey: each step of a job is atomic, a killed worker's jobs are
 * put back on its supervisor's word, by its successor, or by its lease. Throws a TypeError for invalid
 * options; connects to nothing before `start`.
 */
export function redisFetch(options: RedisFetchOptions): RedisFetch {
  const resolved = resolveOptions(options)
  // Recovers before this worker is started, as anybody may.
  const queue = redisQueue(options)
  const stopping = new AbortController()
  let starting: Promise<Worker> | undefined
  let worker: Worker | undefined
  let share = 1

  const started = (): Worker => {
    if (worker) return worker
    throw new RecyclerError('ILLEGAL_PHASE', '[redis-fetch] Not started: call `start` first')
  }

  return {
    kind: 'job-source',
    name: 'redis-fetch',
    contract: CONTRACT,
    supports: { abort: true, recover: true, fencing: true, throttle: true },
    start: async (context: JobSourceContext, { signal }) => {
      if (starting || stopping.signal.aborted) {
        throw new RecyclerError(
          'ILLEGAL_PHASE',
          '[redis-fetch] Started or stopped already: every incarnation of a worker needs a source of its own',
        )
      }
      const either = { signal: AbortSignal.any([signal, stopping.signal]) }
      starting = startWorker(resolved, context, either, () => share)
      worker = await starting
    },
    quiesce: async (call) => worker?.quiesce(call),
    inFlight: () => worker?.inFlight() ?? [],
    abort: (lease, reason) => worker?.abort(lease, reason),
    handBack: async (lease, call) => started().handBack(lease, call),
    recover: async (request, call) => (worker ?? queue).recover(request, call),
    throttle: (next) => {
      share = next
      worker?.wake()
    },
    stop: async (call) => {
      stopping.abort()
      // A start that is under way gives up, or is stopped once it has ended.
      const last = await starting?.catch(() => undefined)
      await last?.stop(call)
      await queue.close()
    },
  }
}
