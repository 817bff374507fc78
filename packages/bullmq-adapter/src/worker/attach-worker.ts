import { type Logger, places, type RescueStrategies } from '@worker-recycler/core'
import { putBack, wakeAnother } from '../queue/put-back.ts'
import { isFenced } from '../queue/registry.ts'
import type { BullmqJob, BullmqWorker } from './bullmq-worker.ts'
import { followEndings } from './endings.ts'
import { createFetches } from './fetches.ts'
import type { Gate } from './gate.ts'
import { intercept } from './intercept.ts'
import type { Life } from './life.ts'
import { runJob } from './run-job.ts'

/** What a worker shares with the others of its source. */
export interface AttachParts {
  readonly gate: Gate
  readonly rescue: RescueStrategies
  readonly leaseId: (jobId: string) => string
  /** Undefined before the source is started: the gate lets nobody pass before. */
  readonly life: () => Life | undefined
}

/** A worker under the source's control. */
export interface AttachedWorker {
  /** Resolves when no fetch is in flight and no job on its way. */
  settled(): Promise<void>
  /** Takes at most this share of the usual number of jobs at once. */
  throttle(share: number): void
}

/** Puts the source between a worker and its fetching. */
export function attachWorker(worker: BullmqWorker, parts: AttachParts): AttachedWorker {
  const { gate, rescue, leaseId } = parts
  let limit = Infinity
  const fetches = createFetches(() => gate.recheck())
  const fits = () => fetches.busy() < limit
  const endings = followEndings(worker)

  const judge = async (): Promise<boolean> => {
    const life = parts.life()
    if (!life) return false
    const { identity, logger } = life.context
    const fenced = await isFenced(worker, identity).catch(unknown(logger))
    if (fenced) life.fenced()
    return fenced
  }

  const wake = () => {
    wakeAnother(worker).catch((error: unknown) =>
      parts.life()?.context.logger.warn({ error }, 'another worker was not woken'),
    )
  }

  intercept(worker, {
    claim: async (claim, { isWoken, park }) => {
      if (!gate.isOpen() || !fits()) {
        // The wake-up for a new job was taken by a worker that does not take the job.
        if (isWoken) wake()
        if (!(await park(gate.pass(fits)))) {
          // Or the loop of the worker would ask again and again, and let nothing else happen.
          if (gate.isShut()) await worker.pause(true)
          return undefined
        }
      }
      return fetches.claim(async () => {
        const job = await claim()
        // Whoever was declared dead while it was idle held nothing by whose lock it would notice.
        if (!job || !(await judge())) return job
        await returnUnused(worker, job)
        return undefined
      })
    },
    process: async (job, process) => {
      let next: BullmqJob | undefined
      try {
        next = await process(() => gate.isOpen() && fetches.busy() <= limit)
        return next
      } finally {
        endings.over(job)
        fetches.over(job, next)
      }
    },
    run: async (job, token, run) => {
      const life = parts.life()
      // Nobody passes the gate before there is a life.
      if (!life) return run()
      return runJob(job, token, run, {
        queue: worker,
        life,
        fetches,
        endings,
        rescue,
        leaseId,
        lost: (id) => {
          life.context.logger.warn({ id }, 'the lock of a job was gone when it ended')
          void judge()
        },
      })
    },
  })
  worker.on('error', (error) =>
    parts.life()?.context.logger.warn({ error }, 'BullMQ tells of an error'),
  )
  worker.on('stalled', (id) =>
    parts.life()?.context.logger.warn({ id }, 'BullMQ found a stalled job'),
  )
  worker.on('lockRenewalFailed', () => void judge())
  return {
    settled: () => fetches.settled(),
    throttle: (share) => {
      limit = share >= 1 ? Infinity : places(worker.concurrency, share)
      gate.recheck()
    },
  }
}

async function returnUnused(worker: BullmqWorker, job: BullmqJob): Promise<void> {
  const token: unknown = Reflect.get(job, 'token')
  await putBack(worker, { id: job.id ?? '', token: String(token), uncharged: true })
}

/** A worker that cannot ask is not fenced: its job must not be left behind. */
function unknown(logger: Logger): (error: unknown) => boolean {
  return (error) => {
    logger.warn({ error }, 'it is not known whether this worker was declared dead')
    return false
  }
}
