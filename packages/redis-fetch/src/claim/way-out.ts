import { backOffMs, type Retries } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import type { JobChange, JobError } from '../layout/job-record.ts'
import { noteDue } from '../queue/note-due.ts'
import { ring, ringForSuspects } from '../queue/ring.ts'
import { move, type Move } from '../scripts/move.ts'
import type { Acknowledgements, HeldOutcome } from './acknowledgements.ts'
import type { HeldJob } from './held-job.ts'

/** The ways by which a job leaves this worker's list: each is atomic, and may be repeated. */
export interface WayOut {
  /** It is done, and has run unless told otherwise: told with the next exchange. */
  complete(job: HeldJob, hasRun?: boolean): Promise<HeldOutcome>
  /** It failed: to run again later, or to the dead after its last attempt. */
  fail(job: HeldJob, error: unknown): Promise<HeldOutcome>
  /** It may not run a second time (rescue strategy `fail`): to the dead. */
  bury(job: HeldJob, error: unknown): Promise<HeldOutcome>
  /** Back to its queue, uncharged, as the next one. */
  putBack(job: HeldJob): Promise<HeldOutcome>
  /** Back to its queue after a moment: it cannot be run beside a job of the same id. */
  putLater(job: HeldJob): Promise<HeldOutcome>
  /** To those that must run alone. */
  toSuspects(job: HeldJob): Promise<HeldOutcome>
  quarantine(job: Pick<HeldJob, 'queue' | 'bytes'>): Promise<HeldOutcome>
}

/** What the ways out need. */
export interface WayOutOptions {
  readonly fleet: Fleet
  readonly identity: string
  readonly retries: Required<Retries>
  readonly keepDead: number
  readonly acknowledgements: Acknowledgements
}

/** Whoever put it back at once would claim it again at once, until the other one ends. */
const LATER_MS = 1000

/** Makes the ways out of one worker's lists. */
export function createWayOut(options: WayOutOptions): WayOut {
  const { fleet, identity, retries, keepDead, acknowledgements } = options
  const { driver, layout, clock } = fleet

  const moveOut = async (queue: string, job: Move): Promise<HeldOutcome> => {
    const moved = await move(driver, layout.queue(queue).work(identity), [job])
    if (typeof moved === 'string') return 'fenced'
    if (moved[0] instanceof Error) throw moved[0]
    return moved[0] ? 'moved' : 'lost'
  }
  const atScore = (epochMs: number) => ({ score: layout.score(epochMs) })

  const bury = async ({ queue, bytes, record }: HeldJob, failures: number, error: unknown) => {
    const { dead } = layout.queue(queue)
    const now = clock.epochMs()
    if (record.forgetDead) return moveOut(queue, { bytes })
    const next = layout.codec.change(bytes, { ...record, failures, error: jobError(error, now) })
    const outcome = await moveOut(queue, { bytes, to: dead, at: atScore(now), next })
    await driver.send([['ZREMRANGEBYRANK', dead, 0, -keepDead - 1]])
    return outcome
  }

  return {
    complete: ({ queue, bytes, record }, hasRun = true) => {
      const keys = layout.queue(queue)
      return acknowledgements.add({
        id: record.id,
        queue,
        bytes,
        frees: hasRun,
        // The oldest is the last of the list, and often the first to end.
        command: ['LREM', keys.work(identity), -1, bytes],
        more: record.unique ? [['DEL', keys.reservation(record.id)]] : [],
      })
    },
    fail: async (job, error) => {
      const { queue, bytes, record } = job
      const failures = record.failures + 1
      if (failures >= (record.maxAttempts ?? retries.maxAttempts)) return bury(job, failures, error)
      const now = clock.epochMs()
      const dueEpochMs = now + backOffMs(record.id, failures, retries)
      const change: JobChange = { ...record, failures, error: jobError(error, now) }
      const next = layout.codec.change(bytes, change)
      const { retry } = layout.queue(queue)
      const outcome = await moveOut(queue, { bytes, to: retry, at: atScore(dueEpochMs), next })
      await noteDue(fleet, queue, dueEpochMs)
      return outcome
    },
    bury: (job, error) => bury(job, job.record.failures, error),
    putBack: async ({ queue, bytes }) => {
      const outcome = await moveOut(queue, { bytes, to: layout.queue(queue).wait, at: 'right' })
      await ring(fleet, [queue])
      return outcome
    },
    putLater: async ({ queue, bytes }) => {
      const dueEpochMs = clock.epochMs() + LATER_MS
      const { scheduled } = layout.queue(queue)
      const outcome = await moveOut(queue, { bytes, to: scheduled, at: atScore(dueEpochMs) })
      await noteDue(fleet, queue, dueEpochMs)
      return outcome
    },
    toSuspects: async ({ queue, bytes }) => {
      const outcome = await moveOut(queue, { bytes, to: layout.queue(queue).suspects })
      await ringForSuspects(fleet, queue)
      return outcome
    },
    quarantine: ({ queue, bytes }) =>
      moveOut(queue, { bytes, to: layout.queue(queue).quarantine, at: atScore(clock.epochMs()) }),
  }
}

/** An error as it is kept with its job: short, and without the stack. */
function jobError(error: unknown, atEpochMs: number): JobError {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  return { name, message: message.slice(0, 1000), atEpochMs }
}
