import type { Clock, Lease, Logger } from '@worker-recycler/core'
import { errorWord } from '../driver/storage-error.ts'
import type { Acknowledgement, Acknowledgements } from './acknowledgements.ts'
import type { ClaimedJob, Exchange } from './exchange.ts'
import { settleReplies } from './settle-replies.ts'

/** What the loop works with. */
export interface FetchLoopContext {
  readonly clock: Clock
  readonly logger: Logger
  readonly acknowledgements: Acknowledgements
  readonly exchange: Exchange
  /** How many jobs may run at once now. */
  limit(): number
  inFlight(): readonly Lease[]
  takeUp(job: ClaimedJob, alone: boolean): Lease | undefined
  /** Takes up what a lost reply has hidden in the own lists. */
  reconcile(): Promise<void>
  /** Takes one job that must run alone. */
  claimSuspect(): Promise<ClaimedJob | undefined>
  /** There is room, and nothing to take: somebody has to listen for more. */
  idle(): void
  /** The connection is to be made anew: this server will not do. */
  reset(): void
  /** Jobs may be left over by the one worker that was woken for them: another is to be woken. */
  passOn(): void
  fenced(): void
}

/** Exchanges acknowledgements for jobs, as long as there is either. */
export interface FetchLoop {
  /** Something may have changed: room, jobs, acknowledgements, or the connection. */
  wake(): void
  /** This worker was woken because jobs have come; nobody else was. */
  rung(): void
  /** A job waits that must run alone: nothing else is claimed until it has run. */
  volunteer(): void
  /** A job that must run alone is still to be taken. */
  isVolunteer(): boolean
  /** What was sent may have been done although no answer came: the own lists are to be read. */
  doubt(): void
  /** The same, to be on the safe side: nothing says that there is more to claim. */
  compare(): void
  /** Ends claiming for good; resolves when no claim is under way. Acknowledging goes on. */
  close(): Promise<void>
  /** Ends acknowledging, too. */
  stop(): Promise<void>
}

const MOST_ACKS = 500
/** Two, so that the server works while this process does. */
const MOST_EXCHANGES = 2
const FIRST_RETRY_MS = 50
const LONGEST_RETRY_MS = 5000

/** Makes a loop that does nothing until it is woken. */
export function createFetchLoop(context: FetchLoopContext): FetchLoop {
  const { clock, logger, acknowledgements } = context
  let isClosed = false
  let isStopped = false
  let isDoubtful = false
  let volunteers = false
  /** The queues may hold something: whoever has room asks. */
  let isHungry = true
  /** How often something has told that there may be more. */
  let calls = 0
  let wasRung = false
  /** Queues of which was said that they cannot be read. */
  let broken = new Set<string>()
  let alone: Lease | undefined
  /** Places for jobs that were asked for and have not come yet. */
  let reserved = 0
  /** Jobs that have ended, and whose acknowledgement is on its way: what follows it may take their places. */
  let leaving = 0
  let isScheduled = false
  let isResting = false
  let retryMs = FIRST_RETRY_MS
  let cancelRest = () => {}
  const underWay = new Set<Promise<void>>()

  const room = (): number => {
    const inFlight = context.inFlight()
    if (isClosed || volunteers || (alone && inFlight.includes(alone))) return 0
    return Math.max(0, context.limit() - inFlight.length + leaving - reserved)
  }
  /** Half of the places, so that the other half is asked for while these are on their way. */
  const portion = (): number => Math.min(room(), Math.ceil(context.limit() / MOST_EXCHANGES))
  /** Places that become free with these: one that had to be sent again was counted before. */
  const freedBy = (acks: readonly Acknowledgement[]): number =>
    acks.filter(({ frees, tried }) => frees && !tried).length

  const follow = (step: () => Promise<void>): void => {
    const ended = step()
      .then(() => {
        retryMs = FIRST_RETRY_MS
      }, rest)
      .finally(() => {
        underWay.delete(ended)
        wake()
      })
    underWay.add(ended)
  }
  const rest = (error: unknown): void => {
    if (isStopped || isResting) return
    logger.warn({ error, retryMs }, 'the server did not take or give jobs; trying again')
    if (errorWord(error) === 'READONLY') context.reset()
    isResting = true
    cancelRest = clock.setTimer(retryMs, () => {
      isResting = false
      wake()
    })
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
  }

  const exchange = async (
    acks: readonly Acknowledgement[],
    free: number,
    freed: number,
  ): Promise<void> => {
    const callsBefore = calls
    reserved += free
    let result
    try {
      result = await context.exchange(acks, free)
    } catch (error) {
      acknowledgements.again(acks)
      isDoubtful ||= free > 0
      throw error
    } finally {
      reserved -= free
      leaving -= freed
    }
    // First what was claimed: it is in our list, whatever became of the acknowledgements.
    for (const job of result.jobs) context.takeUp(job, false)
    const isFull = result.jobs.length === free
    // What came after this was sent is not in its answer.
    if (free > 0 && !isFull && calls === callsBefore) isHungry = false
    if (isFull && wasRung && free > 0) context.passOn()
    wasRung &&= free === 0
    const { fenced, refusal } = settleReplies(acknowledgements, acks, result.replies)
    // Of the keys of one queue, or of the server as a whole: that is full, or a replica now.
    const refused = result.troubles.find(({ error }) => errorWord(error) !== 'WRONGTYPE')?.error
    isHungry ||= refused !== undefined
    for (const { queue, error } of result.troubles) {
      if (refused || broken.has(queue)) continue
      logger.error({ queue, error }, 'a queue cannot be read; the others go on')
    }
    // Where there was room left, every queue was looked at.
    if (!refused && !isFull) broken = new Set(result.troubles.map(({ queue }) => queue))
    if (fenced || result.fenced) {
      isClosed = true
      context.fenced()
    }
    const obstacle = refusal ?? refused
    if (obstacle) throw obstacle
  }
  const compareLists = async (): Promise<void> => {
    await context.reconcile()
    isDoubtful = false
  }
  const runAlone = async (): Promise<void> => {
    isDoubtful = true
    const job = await context.claimSuspect()
    isDoubtful = false
    volunteers = false
    alone = job && context.takeUp(job, true)
  }

  const pump = (): void => {
    isScheduled = false
    if (isStopped || isResting) return
    // Both need all that was claimed to be known.
    const isQuiet = underWay.size === 0
    if (isDoubtful) return isQuiet ? follow(compareLists) : undefined
    const mayRunAlone = volunteers && !isClosed && context.limit() > 0
    if (mayRunAlone && context.inFlight().length === 0) {
      return isQuiet ? follow(runAlone) : undefined
    }
    while (underWay.size < MOST_EXCHANGES) {
      const acks = acknowledgements.take(MOST_ACKS)
      const freed = freedBy(acks)
      leaving += freed
      const free = isHungry || acks.length > 0 ? portion() : 0
      if (free === 0 && acks.length === 0) break
      follow(() => exchange(acks, free, freed))
    }
    if (underWay.size === 0 && room() > 0) context.idle()
  }
  const wake = (): void => {
    if (isScheduled || isStopped) return
    isScheduled = true
    // Whatever ends in the same turn goes with the same round trip.
    setImmediate(pump)
  }
  const hunger = (): void => {
    calls += 1
    isHungry = true
    wake()
  }
  const quiet = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay)
  }

  return {
    wake,
    rung: () => {
      wasRung = true
      hunger()
    },
    volunteer: () => {
      volunteers = true
      wake()
    },
    isVolunteer: () => volunteers,
    doubt: () => {
      isDoubtful = true
      // There is a new connection: no need to wait any longer.
      cancelRest()
      isResting = false
      hunger()
    },
    compare: () => {
      isDoubtful = true
      wake()
    },
    close: async () => {
      isClosed = true
      await quiet()
    },
    stop: async () => {
      isClosed = true
      isStopped = true
      cancelRest()
      await quiet()
      acknowledgements.abandon(new Error('The worker has stopped'))
    },
  }
}
