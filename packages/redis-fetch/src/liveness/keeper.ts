import { pairsOf, type Reply, replyOf } from '../driver/driver.ts'
import { errorWord } from '../driver/storage-error.ts'
import type { Fleet } from '../fleet.ts'
import { noteFirst, promote } from '../queue/promote.ts'
import { ring, ringForSuspects } from '../queue/ring.ts'
import type { Adopter } from '../recovery/adopt.ts'
import { type RecoveryOptions, recoverWorker } from '../recovery/recover-worker.ts'
import type { Judge } from './judge.ts'
import type { RedisTime } from './redis-time.ts'

/** What the keeper heard with its election. */
interface Round {
  /** Workers whose lease has run out, or whose recovery was begun. */
  readonly ended: readonly string[]
  /** The queue that is due next, and when. */
  readonly due: Reply
}

/** What one worker of the fleet does for all of them. */
export interface Keeper {
  /** Recovers the dead, promotes what is due, and looks that nobody waits in vain. */
  round(round: Round, signal: AbortSignal): Promise<void>
  /** Something may be due earlier than it knows. */
  lookForDue(): void
  stop(): void
}

/** What keeping needs. */
export interface KeeperOptions {
  readonly fleet: Fleet
  readonly identity: string
  readonly queues: readonly string[]
  readonly recovery: RecoveryOptions
  readonly judge: Judge
  readonly time: RedisTime
  readonly adopter: Adopter
  /** How often foreign lists are looked for; `Infinity`: never. */
  readonly adoptMs: number
}

/** Every so many rounds it looks at one queue, whether a ring was lost. */
const ROUNDS_A_LOOK = 4
/** The same for what producers have scheduled that do not note it: one set for all their queues. */
const ROUNDS_A_FOREIGN_LOOK = 2

/** Makes the keeper; it does nothing but when it is told. */
export function createKeeper(options: KeeperOptions): Keeper {
  const { fleet, identity, recovery, judge, time, adopter, adoptMs } = options
  const { driver, layout, clock, logger } = fleet
  const refusing = new Set<string>()
  let rounds = 0
  let adoptedAtMs = clock.nowMs()
  let cancel = () => {}
  let isStopped = false

  const recoverEnded = async ({ ended }: Round, signal: AbortSignal): Promise<void> => {
    for (const each of ended) {
      if (each === identity || signal.aborted) continue
      const [begun] = await driver.send([['EXISTS', layout.fleet.fence(each)]])
      // A recovery that was begun is finished by whoever finds it; a new one needs a fit judge.
      if (begun !== 1 && !judge.isFit()) continue
      const grounds = begun === 1 ? 'certain' : 'lease'
      const request = { cause: 'unknown', grounds } as const
      await recoverWorker(fleet, each, request, recovery, signal).catch((error: unknown) => {
        if (!signal.aborted)
          logger.error({ identity: each, error }, 'a dead worker was not recovered')
      })
    }
  }
  const promoteDue = async (due: Reply): Promise<void> => {
    cancel()
    const nowMs = time.nowMs() ?? clock.epochMs()
    for (const [queue, at] of pairsOf(due)) {
      const inMs = Number(at.toString()) - nowMs
      if (inMs > 0) schedule(inMs)
      else {
        await promoteOne(queue, nowMs)
        await look()
      }
    }
  }
  /** A queue that takes nothing is told of once, and does not hold up the others. */
  const promoteOne = async (queue: string, nowMs: number): Promise<void> => {
    // In the sidekiq layout all queues share it.
    const { scheduled } = layout.queue(queue)
    try {
      await promote(fleet, queue, nowMs)
      refusing.delete(scheduled)
    } catch (error) {
      if (errorWord(error) !== 'WRONGTYPE') throw error
      if (!refusing.has(scheduled))
        logger.error({ queue, error }, 'due jobs cannot be moved to their queue; the others go on')
      refusing.add(scheduled)
    }
  }
  const look = async (): Promise<void> => {
    if (isStopped) return
    await promoteDue(replyOf(await driver.send([['ZRANGE', layout.fleet.due, 0, 0, 'WITHSCORES']])))
  }
  const lookForDue = (): void => {
    look().catch((error: unknown) => {
      if (!isStopped) logger.debug({ error }, 'what is due was not promoted; the next round will')
    })
  }
  const schedule = (ms: number): void => {
    if (!isStopped) cancel = clock.setTimer(ms, lookForDue)
  }
  /** What other programs have scheduled, and what a producer that was killed did not note. */
  const lookAtOne = async (): Promise<void> => {
    const queue = options.queues[Math.floor(rounds / ROUNDS_A_LOOK) % options.queues.length] ?? ''
    const { wait, suspects } = layout.queue(queue)
    const [waiting, alone] = await driver.send([
      ['LLEN', wait],
      ['LLEN', suspects],
    ])
    if (waiting !== 0) await ring(fleet, [queue])
    if (alone !== 0) await ringForSuspects(fleet, queue)
    if (!layout.foreignProducers) await noteDelayed(queue)
  }
  const noteDelayed = async (queue: string): Promise<void> => {
    const { scheduled, retry } = layout.queue(queue)
    for (const key of new Set([scheduled, retry])) await noteFirst(fleet, key, queue)
  }

  return {
    round: async (round, signal) => {
      await recoverEnded(round, signal)
      if (signal.aborted) return
      if (layout.foreignProducers && rounds % ROUNDS_A_FOREIGN_LOOK === 0) {
        await noteDelayed(options.queues[0] ?? '')
        await look()
      } else await promoteDue(round.due)
      if (rounds % ROUNDS_A_LOOK === 0) await lookAtOne()
      rounds += 1
      if (clock.nowMs() - adoptedAtMs < adoptMs) return
      adoptedAtMs = clock.nowMs()
      await adopter.adopt(signal)
    },
    lookForDue,
    stop: () => {
      isStopped = true
      cancel()
    },
  }
}
