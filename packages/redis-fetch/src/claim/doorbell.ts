import type { Clock, Logger } from '@worker-recycler/core'
import { type Driver, listOf, replyOf, textOf } from '../driver/driver.ts'
import type { Layout } from '../layout/layout.ts'

/** What a ring means. */
interface Rings {
  /** Jobs have come into one of the queues. */
  jobs(): void
  /** A job waits that must run alone. */
  suspect(): void
  /** Something is due earlier than the keeper knows. */
  due(): void
}

/** Listens for jobs without asking for them: one blocked command, however many queues there are. */
export interface Doorbell {
  /** There is room: listens until something comes. Harmless while it listens already. */
  listen(): void
  /** Ends it for good; resolves when nothing is under way. */
  close(): Promise<void>
}

/** What a doorbell needs. */
export interface DoorbellOptions {
  /** A connection of its own: the command blocks. */
  readonly driver: Driver
  readonly layout: Layout
  readonly queues: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly rings: Rings
  /** Whether this worker is the keeper now. */
  isKeeper(): boolean
}

/** How long one command blocks: an idle worker sends six a minute. */
const BLOCK_S = 10
/** A reply that is later than that by so much will not come. */
const LATE_MS = 5000
const RETRY_MS = 1000

/**
 * Makes the doorbell of one worker. The bells hold no jobs, so a reply that is lost loses none, and a
 * push wakes one worker, not all of them.
 */
export function createDoorbell(options: DoorbellOptions): Doorbell {
  const { driver, layout, queues, clock, logger, rings } = options
  const { fleet } = layout
  const bells = new Map<string, () => void>()
  for (const queue of queues) bells.set(fleet.suspectBell(queue), () => rings.suspect())
  for (const queue of queues) bells.set(fleet.bell(queue), () => rings.jobs())
  const closing = new AbortController()
  const isClosed = () => closing.signal.aborted
  let listening: Promise<void> | undefined
  let cancel = () => {}

  /** As long as there is no connection nobody is heard: the queues are looked at by the clock. */
  const connected = async (): Promise<void> => {
    const look = (): void => {
      cancel = clock.setTimer(RETRY_MS, () => {
        rings.jobs()
        look()
      })
    }
    look()
    try {
      await driver.ready(closing.signal)
    } finally {
      cancel()
    }
  }
  const wait = async (): Promise<void> => {
    let late = () => {}
    try {
      await connected()
      const keys = options.isKeeper() ? [fleet.keeperBell, ...bells.keys()] : [...bells.keys()]
      late = clock.setTimer(BLOCK_S * 1000 + LATE_MS, () => driver.reset())
      const reply = replyOf(await driver.send([['BZPOPMIN', ...keys, BLOCK_S]]))
      const key = textOf(listOf(reply)[0])
      listening = undefined
      if (isClosed()) return
      if (key === fleet.keeperBell) rings.due()
      if (key === undefined || key === fleet.keeperBell) listen()
      else bells.get(key)?.()
    } catch (error) {
      listening = undefined
      if (isClosed()) return
      logger.debug({ error }, 'the doorbell does not answer; trying again')
      cancel = clock.setTimer(RETRY_MS, retry)
    } finally {
      late()
    }
  }
  const retry = (): void => {
    // What came meanwhile has rung in vain: the queues are to be looked at.
    rings.jobs()
    listen()
  }
  const listen = (): void => {
    if (isClosed() || listening) return
    cancel()
    listening = wait()
  }

  return {
    listen,
    close: async () => {
      closing.abort()
      cancel()
      driver.close()
      await listening
    },
  }
}
