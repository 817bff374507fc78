import {
  CONTRACT,
  type JobSource,
  type JobSourceContext,
  RecyclerError,
} from '@worker-recycler/core'
import { type FileFetchOptions, resolveOptions } from '../options.ts'
import { fileQueue } from '../queue/file-queue.ts'
import { startWorker, type Worker } from './worker.ts'

/** A job source that takes its jobs from a directory. */
export interface FileFetch extends JobSource {
  readonly name: 'file-fetch'
}

/**
 * Takes jobs from a durable queue in a directory: one file a job, states as folders, every step one
 * rename(2). Throws a TypeError for invalid options; touches nothing before `start`.
 */
export function fileFetch(options: FileFetchOptions): FileFetch {
  const resolved = resolveOptions(options)
  const { dir, fsync, maxInterruptions } = resolved
  // Recovers before this worker is started, as anybody may.
  const queue = fileQueue({ dir, fsync, maxInterruptions })
  const stopping = new AbortController()
  let starting: Promise<Worker> | undefined
  let worker: Worker | undefined
  let share = 1

  const started = (): Worker => {
    if (worker) return worker
    throw new RecyclerError('ILLEGAL_PHASE', '[file-fetch] Not started: call `start` first')
  }

  return {
    kind: 'job-source',
    name: 'file-fetch',
    contract: CONTRACT,
    supports: { abort: true, recover: true, fencing: true, throttle: true },
    start: async (context: JobSourceContext, { signal }) => {
      if (starting || stopping.signal.aborted) {
        throw new RecyclerError(
          'ILLEGAL_PHASE',
          '[file-fetch] Started or stopped already: every incarnation of a worker needs a source of its own',
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
    },
  }
}
