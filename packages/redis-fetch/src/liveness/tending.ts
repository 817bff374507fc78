import { buffersOf, listOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { TEND } from '../scripts/registration.ts'
import type { Judge } from './judge.ts'
import type { Keeper } from './keeper.ts'
import type { RedisTime } from './redis-time.ts'

/** What a worker does for its fleet, again and again, with its main thread. */
export interface Tending {
  /** Begins with a first look. */
  start(): void
  /** Whether this worker is the keeper now. */
  isKeeper(): boolean
  /** Ends it; resolves when nothing is under way. */
  stop(): Promise<void>
}

/** What tending needs. */
export interface TendingOptions {
  readonly fleet: Fleet
  readonly identity: string
  readonly everyMs: number
  readonly judge: Judge
  readonly time: RedisTime
  readonly keeper: Keeper
  /** What this worker is at, as it is shown to operators. */
  state(): string
  /** Called after each look that was answered. */
  afterLook(): Promise<void>
}

/**
 * Makes the tending of one worker. The election rides on what each worker says anyway: one of them is
 * the keeper until it has been silent for two and a half rounds. A main thread that is blocked keeps
 * nothing, so another takes over.
 */
export function createTending(options: TendingOptions): Tending {
  const { fleet, identity, everyMs, judge, time, keeper } = options
  const { driver, layout, clock, logger } = fleet
  const stopping = new AbortController()
  let isKeeper = false
  let underWay: Promise<void> = Promise.resolve()
  let cancel = () => {}

  const look = async (): Promise<void> => {
    const { workers, due, keeper: key, worker } = layout.fleet
    const keys = [key, worker(identity), workers, due]
    const args = [identity, Math.round(2.5 * everyMs), options.state()]
    const reply = await driver.run(TEND, keys, args)
    const [elected, now, ended, next = null] = listOf(reply)
    isKeeper = elected === 1
    if (typeof now === 'number') {
      judge.looked(time.jumpMs(now))
      time.heard(now)
    }
    await options.afterLook()
    if (!isKeeper || stopping.signal.aborted) return
    await keeper.round({ ended: buffersOf(ended).map(String), due: next }, stopping.signal)
  }
  const once = async (): Promise<void> => {
    try {
      await look()
    } catch (error) {
      isKeeper = false
      if (!stopping.signal.aborted)
        logger.debug({ error }, 'the fleet was not looked after; the next round will')
    }
    if (!stopping.signal.aborted) cancel = clock.setTimer(everyMs, begin)
  }
  const begin = (): void => {
    underWay = once()
  }

  return {
    start: begin,
    isKeeper: () => isKeeper,
    stop: async () => {
      stopping.abort()
      cancel()
      keeper.stop()
      await underWay
    },
  }
}
