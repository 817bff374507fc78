import type { Reading } from '@worker-recycler/core'
import { addEvents } from './worth-telling.ts'

/** Takes readings as they come and gives them out as they are asked for. */
export interface ReadingQueue {
  readonly push: (reading: Reading) => void
  /** No more readings come: the error is thrown once those before it are out. */
  readonly fail: (error: unknown) => void
  /** Ends without an error when the signal aborts. */
  readonly readings: (signal: AbortSignal) => AsyncGenerator<Reading, void, undefined>
}

/** Whoever asks for none meanwhile has no use for old ones; only what they counted is kept. */
const MOST_READINGS = 256

/** Makes an empty queue. */
export function createReadingQueue(): ReadingQueue {
  const queue: Reading[] = []
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}
  const woken = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })

  async function* readings(signal: AbortSignal): AsyncGenerator<Reading, void, undefined> {
    const onAbort = () => wake()
    signal.addEventListener('abort', onAbort)
    try {
      while (!signal.aborted) {
        const reading = queue.shift()
        if (reading) yield reading
        else if (failure) throw failure.error
        else await woken()
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  return {
    readings,
    push: (reading) => {
      queue.push(reading)
      if (queue.length > MOST_READINGS) dropOldest(queue)
      wake()
    },
    fail: (error) => {
      failure = { error }
      wake()
    },
  }
}

/** The oldest that has an heir: a later reading of the same metric, which takes over its events. */
function dropOldest(queue: Reading[]): void {
  for (const [index, { metric, events: left }] of queue.entries()) {
    const heir = queue.findIndex((later, at) => at > index && later.metric === metric)
    const reading = queue[heir]
    if (!reading) continue
    const events = addEvents(left, reading.events)
    if (events) queue[heir] = { ...reading, events }
    queue.splice(index, 1)
    return
  }
}
