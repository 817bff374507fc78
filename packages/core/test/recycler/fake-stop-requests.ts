import type { StopRequests } from '../../src/process/stop-requests.ts'

/** Stop requests that a test makes, instead of signals of this process. */
export interface FakeStopRequests {
  readonly listen: StopRequests
  /** How many handlers are installed now. */
  readonly installed: number
  /** Asks all handlers to stop. */
  readonly fire: () => void
}

/** Makes stop requests on which nobody listens. */
export function fakeStopRequests(): FakeStopRequests {
  const handlers = new Set<() => void>()
  return {
    listen: (onRequest) => {
      const handler = () => onRequest('SIGTERM')
      handlers.add(handler)
      return () => void handlers.delete(handler)
    },
    get installed() {
      return handlers.size
    },
    fire: () => {
      for (const handler of handlers) handler()
    },
  }
}
