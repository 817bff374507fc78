import type { ConnectionOptions } from '../driver/connection.ts'
import { numberOf } from '../driver/driver.ts'
import { openSubscriber } from '../driver/subscriber.ts'
import type { Fleet } from '../fleet.ts'

/** Hears of pushes by programs that do not ring, such as Sidekiq's clients. */
export interface ForeignPushes {
  /** There is room and nothing to take: tells of the next push into any of the queues. */
  listen(): Promise<void>
  close(): void
}

/** What listening for foreign pushes needs. */
export interface ForeignPushesOptions {
  /** With the connection that claims. */
  readonly fleet: Fleet
  /** By which to make one that listens. */
  readonly connection: ConnectionOptions
  readonly queues: readonly string[]
  readonly onPush: () => void
}

const POLL_MS = 1000

/**
 * Lets the server tell when a list changes (CLIENT TRACKING, https://redis.io/docs/latest/develop/reference/client-side-caching/):
 * nothing is sent while nothing happens, whatever the number of queues. Every idle worker is woken
 * by a push, which is the price for producers that know nothing of bells. Where tracking is not
 * allowed, one command a second asks instead.
 */
export function listenForForeign(options: ForeignPushesOptions): ForeignPushes {
  const { fleet, connection, queues, onPush } = options
  const { driver, layout, clock, logger } = fleet
  const subscriber = openSubscriber(connection, logger)
  const keys = queues.map((queue) => layout.queue(queue).wait)
  let isArmed = false
  let isPolling = false
  let isClosed = false
  let tracked: number | undefined
  let cancel = () => {}

  subscriber.onMessage(() => {
    if (isArmed) onPush()
    isArmed = false
  })
  // Tracking ends with either connection.
  const lapse = () => {
    tracked = undefined
    if (isArmed) onPush()
    isArmed = false
  }
  driver.onReady(lapse)
  subscriber.onReady(lapse)

  const track = async (): Promise<void> => {
    const id = await subscriber.id()
    if (tracked === id) return
    const [reply] = await driver.send([['CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'OPTIN']])
    if (reply instanceof Error) throw reply
    tracked = id
  }
  const poll = (error: unknown): void => {
    if (!isPolling)
      logger.warn({ error }, 'pushes cannot be tracked; the queues are polled every second')
    isPolling = true
    cancel = clock.setTimer(POLL_MS, () => {
      isArmed = false
      onPush()
    })
  }

  return {
    listen: async () => {
      if (isArmed || isClosed) return
      isArmed = true
      try {
        await track()
        const [, count = 0] = await driver.send([
          ['CLIENT', 'CACHING', 'YES'],
          ['EXISTS', ...keys],
        ])
        isPolling = false
        if (numberOf(count) === 0 || !isArmed) return
        // Something came before the server began to watch.
        isArmed = false
        onPush()
      } catch (error) {
        if (!isClosed) poll(error)
      }
    },
    close: () => {
      isClosed = true
      cancel()
      subscriber.close()
    },
  }
}
