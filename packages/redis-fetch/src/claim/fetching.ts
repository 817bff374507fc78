import { type JobOutcome, type LeaseTable, places } from '@worker-recycler/core'
import { ring } from '../queue/ring.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { createCustody } from './custody.ts'
import { createExchange } from './exchange.ts'
import { createFetchLoop, type FetchLoop } from './fetch-loop.ts'
import { createOrder } from './order.ts'
import { reconcile } from './reconcile.ts'
import { type RunContext, untilMoved } from './run-job.ts'
import { claimSuspect } from './suspects.ts'
import { createTakeUp } from './take-up.ts'
import { createWayOut } from './way-out.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Claiming, running and acknowledging, put together. */
export interface Fetching {
  readonly loop: FetchLoop
  /** Compares the own lists with what is known, if anything was claimed since the last time. */
  compareIfTouched(): void
  /** Ends claiming; resolves when what came last is in flight or back in its queue. */
  close(): Promise<void>
}

/** What fetching needs besides the parts of the worker. */
export interface FetchingOptions extends WorkerParts {
  readonly table: LeaseTable
  readonly stopped: AbortSignal
  /** There is room and nothing to take. */
  readonly idle: () => void
  readonly onEnded: (outcome: JobOutcome | undefined) => void
  readonly fenced: () => void
}

/** Makes the fetching of one worker; it begins when its loop is woken. */
export function createFetching(parts: FetchingOptions): Fetching {
  const { fleet, options, context, table, hasLmovem, stopped } = parts
  const { driver, layout, clock, logger } = fleet
  const { identity } = context
  const { queues, handlers, retries, keepDead } = options
  let isClosed = false
  let isTouched = false

  const acknowledgements = createAcknowledgements(() => loop.wake())
  const wayOut = createWayOut({ fleet, identity, retries, keepDead, acknowledgements })
  const run: RunContext = { fleet, handlers, table, wayOut, stopped }
  const custody = createCustody(table)
  const takeUp = createTakeUp({
    run,
    rescue: options.rescue,
    custody,
    isClosed: () => isClosed,
    onEnded: parts.onEnded,
  })
  const exchange = createExchange({
    driver,
    layout,
    identity,
    queues,
    turns: createOrder(queues, options.order),
    lmovem: hasLmovem,
  })
  const compare = () =>
    reconcile(
      {
        fleet,
        identity,
        custody,
        acknowledgements,
        takeUp: (job) => takeUp(job, false),
        endAgain: (job) =>
          custody.watch(
            job,
            untilMoved(run, job, () => wayOut.complete(job, false)),
          ),
      },
      queues,
    )
  const loop = createFetchLoop({
    clock,
    logger,
    acknowledgements,
    exchange: (acks, room) => {
      isTouched ||= room > 0
      return exchange(acks, room)
    },
    limit: () => places(options.concurrency, parts.share()),
    inFlight: () => table.inFlight(),
    takeUp,
    reconcile: compare,
    claimSuspect: () => claimSuspect(fleet, identity, queues),
    idle: parts.idle,
    reset: () => driver.reset(),
    passOn: () => void ring(fleet, queues).catch(() => {}),
    fenced: parts.fenced,
  })

  return {
    loop,
    compareIfTouched: () => {
      if (isTouched) loop.compare()
      isTouched = false
    },
    close: async () => {
      isClosed = true
      await loop.close()
      await custody.settled()
    },
  }
}
