import type { Clock } from '@worker-recycler/core'
import type { Driver } from './driver.ts'

/** Any server answers within this time; a reply that takes longer is taken for lost. */
export const REPLY_MS = 5000

/**
 * A driver that makes its connection anew when the server does not answer within `ms`: of a network
 * that swallows everything nobody is told, and whoever waits would wait for ever. Not for commands that
 * block. Defaults to 5000.
 */
export function watched(driver: Driver, clock: Clock, ms: number = REPLY_MS): Driver {
  const answered = async <T>(replies: Promise<T>): Promise<T> => {
    const cancel = clock.setTimer(ms, () => driver.reset())
    try {
      return await replies
    } finally {
      cancel()
    }
  }
  return {
    ...driver,
    send: (commands) => answered(driver.send(commands)),
    run: (script, keys, args) => answered(driver.run(script, keys, args)),
    nodes: () =>
      driver.nodes().map((node) => ({ send: (commands) => answered(node.send(commands)) })),
  }
}
