import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock, Reading } from '@worker-recycler/core'
import type { SamplerListener } from '../sampler.ts'
import type { Sampling } from '../sampling.ts'
import { monotonicClock } from './monotonic-clock.ts'
import type { ThreadMessage } from './thread-message.ts'

/** Its heap needs no more; Node's default would reserve more for a thread than for many workers' jobs. */
const HEAP_MB = 16

/**
 * Samples in a thread until the function that it returns is called. Readings come with the time at
 * which they were taken; how late they are is said by `lagMs`.
 */
export function startSamplerThread(parts: {
  readonly sampling: Sampling
  readonly clock: Clock
  readonly listener: SamplerListener
  /** The thread could not be started, or ended: somebody else must sample. */
  readonly ended: (error: unknown) => void
}): () => void {
  const { sampling, clock, listener, ended } = parts
  const thread = startThread(sampling)
  // Taken in this order, the time of a reading is never in the future.
  const offsetMs = clock.nowMs() - monotonicClock.nowMs()
  let isStopped = false

  const dated = (reading: Reading): Reading => {
    const atMs = reading.atMs + offsetMs
    return { ...reading, atMs, lagMs: (reading.lagMs ?? 0) + Math.max(0, clock.nowMs() - atMs) }
  }
  thread.on('message', (message: ThreadMessage) => {
    if (isStopped) return
    if (message.type === 'told') listener.told(dated(message.reading))
    else if (message.type === 'sources') listener.sources(message.reports)
    else {
      isStopped = true
      listener.failed(new Error(message.message))
    }
  })
  let reason: unknown
  thread.on('error', (error) => {
    reason = error
  })
  thread.on('exit', (code) => {
    if (!isStopped) ended(reason ?? new Error(`The sampling thread ended with code ${code}`))
  })

  return () => {
    isStopped = true
    thread.postMessage('stop')
  }
}

/** Starts the program that lies beside this file, or beside the bundle that this file is in. */
function startThread(workerData: Sampling): Worker {
  const extension = extname(new URL(import.meta.url).pathname)
  const program = new URL(`./sampler-thread${extension}`, import.meta.url)
  const options = {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    // What the application preloads, by its command line or NODE_OPTIONS, has no place in there.
    execArgv: [],
    env: {},
  }
  if (extension !== '.ts') return new Worker(program, options)
  // From the sources: a thread does not inherit the loader by which this process reads TypeScript.
  return new Worker(
    `import('tsx/esm/api').then(({ register }) => (register(), import('${program.href}')))`,
    { ...options, eval: true, execArgv: ['--conditions=@worker-recycler/source'] },
  )
}
