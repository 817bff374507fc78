import { parentPort, workerData } from 'node:worker_threads'
import { silentLogger, systemClock } from '@worker-recycler/core'
import { openDriver } from '../driver/ioredis-driver.ts'
import { REPLY_MS, watched } from '../driver/watched.ts'
import { beat } from './beat.ts'
import type { ThreadData, ThreadMessage } from './thread-data.ts'

// The program of the thread that renews the lease while the main thread may be blocked. It dies with
// the process: it can neither outlive the jobs nor keep a dead worker's lease.
const { connection, keys, everyMs, pulse } = workerData as ThreadData
// One beat may be lost before the lease is in danger.
const replyMs = Math.min(REPLY_MS, everyMs)
const driver = watched(openDriver(connection, 'heartbeat', silentLogger), systemClock, replyMs)
const counter = new Int32Array(pulse)
const stop = new AbortController()
let seen = Atomics.load(counter, 0)
let seenAtMs = systemClock.nowMs()
let wasStalled = false

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)

/** For how long the main thread has not moved; undefined when there is no news of it. */
function stalledMs(): number | undefined {
  const now = Atomics.load(counter, 0)
  const atMs = systemClock.nowMs()
  if (now !== seen) {
    seen = now
    seenAtMs = atMs
    const ended = wasStalled
    wasStalled = false
    return ended ? 0 : undefined
  }
  const forMs = Math.round(atMs - seenAtMs)
  if (forMs < everyMs) return undefined
  wasStalled = true
  return forMs
}

async function once(): Promise<void> {
  try {
    await driver.ready(stop.signal)
    tell({ type: 'answered', answer: await beat(driver, keys, stalledMs()) })
  } catch (error) {
    if (!stop.signal.aborted) tell({ type: 'failed', message: String(error) })
  }
  if (!stop.signal.aborted) cancel = systemClock.setTimer(everyMs, () => void once())
}

let cancel = systemClock.setTimer(0, () => void once())

parentPort?.once('message', () => {
  stop.abort()
  cancel()
  driver.close()
  parentPort?.close()
})
