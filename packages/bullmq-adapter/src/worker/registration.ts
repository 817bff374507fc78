import { RecyclerError, type Clock, type Logger } from '@worker-recycler/core'
import { type BullmqQueue, distinctQueues } from '../queue/bullmq-queue.ts'
import { register, unregister } from '../queue/registry.ts'
import type { BullmqWorker } from './bullmq-worker.ts'

/** How often it is renewed; a worker that was not renewed for a week is forgotten. */
const RENEW_MS = 12 * 60 * 60 * 1000

/** This process, as recovery finds it. */
export interface Registration {
  /** Registers it. Throws `FENCED` when its identity was declared dead. */
  enter(): Promise<void>
  /** Takes it back. */
  leave(): Promise<void>
  /** Ends the renewal; the registration stays. */
  stop(): void
}

/** Makes the registration of the workers of one source. */
export function createRegistration(
  workers: readonly BullmqWorker[],
  identity: string,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Registration {
  const queues = distinctQueues(workers)
  let cancel = () => {}
  let isStopped = false

  const idsOf = (queue: BullmqQueue) =>
    workers.filter((worker) => worker.toKey('') === queue.toKey('')).map(({ id }) => id)
  const registerAll = async () => {
    for (const queue of queues) {
      if (isStopped) return
      if (await register(queue, identity, idsOf(queue))) continue
      throw new RecyclerError(
        'FENCED',
        `[bullmq-adapter] ${identity} was declared dead: an identity is never used again. Start with a new one.`,
      )
    }
  }
  const renew = () => {
    cancel = clock.setTimer(RENEW_MS, () => {
      registerAll().catch((error: unknown) =>
        logger.warn({ error }, 'the registration of the worker was not renewed'),
      )
      renew()
    })
  }

  return {
    enter: async () => {
      await registerAll()
      if (!isStopped) renew()
    },
    leave: async () => {
      for (const queue of queues) await unregister(queue, identity)
    },
    stop: () => {
      isStopped = true
      cancel()
    },
  }
}
