import { parentPort, workerData } from 'node:worker_threads'
import { systemFiles } from '../kernel/system-files.ts'
import { startSampler } from '../sampler.ts'
import type { Sampling } from '../sampling.ts'
import { monotonicClock } from './monotonic-clock.ts'
import type { ThreadMessage } from './thread-message.ts'

// The program of the thread that samples while the main thread may be blocked.
const sampling = workerData as Sampling
const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)

const failed = (error: unknown): void => {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  parentPort?.close()
}

function start(): () => void {
  try {
    return startSampler({
      sampling,
      files: systemFiles(sampling.root),
      clock: monotonicClock,
      ownRss: () => process.memoryUsage.rss(),
      listener: {
        told: (reading) => tell({ type: 'told', reading }),
        sources: (reports) => tell({ type: 'sources', reports }),
        failed,
      },
    })
  } catch (error) {
    // The target is not there: the event loop would not find it either.
    failed(error)
    return () => {}
  }
}

const stop = start()
parentPort?.once('message', () => {
  stop()
  parentPort?.close()
})
