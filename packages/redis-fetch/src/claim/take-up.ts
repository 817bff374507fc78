import {
  type JobOutcome,
  type Lease,
  type RescueStrategies,
  rescueFor,
  deliveryOf,
} from '@worker-recycler/core'
import { unreadable } from '../layout/job-record.ts'
import type { Custody } from './custody.ts'
import type { ClaimedJob } from './exchange.ts'
import type { HeldJob } from './held-job.ts'
import { createLease, interruptedError, type RunContext, runJob, untilMoved } from './run-job.ts'

/** What taking up a job needs. */
export interface TakeUpOptions {
  readonly run: RunContext
  readonly rescue: RescueStrategies
  readonly custody: Custody
  /** Fetching has ended: what still comes goes back. */
  isClosed(): boolean
  /** A lease has ended; `undefined`: its end could not be made durable. */
  onEnded(outcome: JobOutcome | undefined): void
}

/**
 * Decides about a job that lies in this worker's list: it runs, or goes where it belongs. `alone`: a
 * suspect may run, because nothing runs beside it. Gives the lease of a job that runs.
 */
export type TakeUp = (claimed: ClaimedJob, alone: boolean) => Lease | undefined

/** Makes the step between a claim and a run. */
export function createTakeUp(options: TakeUpOptions): TakeUp {
  const { run, rescue, custody } = options
  const { fleet, table, wayOut } = run
  const { layout, clock, logger } = fleet

  const away = (held: HeldJob, step: () => ReturnType<typeof wayOut.putBack>): undefined => {
    const moving = untilMoved(run, held, step).catch((error: unknown) => {
      const { id, name } = held.record
      logger.error({ id, name, error }, 'a held job could not be moved; it is left to recovery')
    })
    custody.watch(held, moving)
  }
  const setAside = (held: HeldJob, strategy: 'skip' | 'fail' | 'hold'): undefined => {
    const { id, name } = held.record
    logger.warn({ id, name, strategy }, 'an interrupted job was not run')
    const error = interruptedError(held)
    const steps = {
      skip: () => wayOut.complete(held, false),
      fail: () => wayOut.bury(held, error),
      hold: () => wayOut.quarantine(held),
    }
    return away(held, steps[strategy])
  }

  return ({ queue, bytes }, alone) => {
    const record = layout.codec.parse(bytes, queue)
    if (!record) {
      logger.error({ queue }, 'a malformed job was put into quarantine')
      const held = { queue, bytes, record: unreadable(queue) }
      return away(held, () => wayOut.quarantine(held))
    }
    const held = { queue, bytes, record }
    if (options.isClosed()) return away(held, () => wayOut.putBack(held))
    if (table.inFlight().some(({ id }) => id === record.id)) {
      return away(held, () => wayOut.putLater(held))
    }
    const strategy = rescueFor(rescue, { name: record.name, delivery: deliveryOf(record) })
    if (strategy !== 'retry') return setAside(held, strategy)
    if (record.suspect && !alone) return away(held, () => wayOut.toSuspects(held))
    const lease = createLease(held, clock.nowMs())
    runJob(run, lease, held).then(
      (outcome) => options.onEnded(outcome),
      (error: unknown) => {
        const { id, name } = lease
        logger.error({ id, name, error }, "a job's end was not recorded; it is left to recovery")
        options.onEnded(undefined)
      },
    )
    return lease
  }
}
