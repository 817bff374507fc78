import type { SupervisorRequest } from '@worker-recycler/core'

/** Requests of the supervisor on their way to the application. */
export interface RequestQueue {
  push(request: SupervisorRequest): void
  /** Yields requests, those that came before as well, until the signal aborts or the queue ends. */
  take(signal: AbortSignal): AsyncIterable<SupervisorRequest>
  /** Ends every iteration. */
  end(): void
}

/** An application that does not listen is not told more than this when it begins to. */
const MAX_KEPT = 8

/** Makes the queue; `onTaken` is called when the application takes a request. */
export function createRequestQueue(onTaken: (request: SupervisorRequest) => void): RequestQueue {
  const kept: SupervisorRequest[] = []
  const wakers = new Set<() => void>()
  const ended = new AbortController()
  const wake = () => {
    for (const waker of wakers) waker()
  }

  async function* take(signal: AbortSignal) {
    while (!signal.aborted && !ended.signal.aborted) {
      const request = kept.shift()
      if (request) {
        onTaken(request)
        yield request
      } else await changed(signal)
    }
  }

  const changed = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        wakers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      wakers.add(done)
      signal.addEventListener('abort', done, { once: true })
    })

  return {
    push: (request) => {
      if (kept.length < MAX_KEPT) kept.push(request)
      wake()
    },
    take,
    end: () => {
      ended.abort()
      wake()
    },
  }
}
