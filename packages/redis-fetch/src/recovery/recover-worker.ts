import type { DeathCause, RecoveredJob } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import { ring } from '../queue/ring.ts'
import { LEAVE } from '../scripts/registration.ts'
import { type Condemned, condemn, type Grounds } from './condemn.ts'
import { putBack } from './put-back.ts'

/** How a recovery is done. */
export interface RecoveryOptions {
  readonly maxInterruptions: number
  /** Who recovers, for the record: an identity or a command. */
  readonly by: string
}

/**
 * Declares a worker dead and puts back what it held. Whoever finds the work half done finishes it,
 * with the cause and the number of jobs that counted first.
 */
export async function recoverWorker(
  fleet: Fleet,
  identity: string,
  request: { readonly cause: DeathCause; readonly grounds: Grounds },
  options: RecoveryOptions,
  signal?: AbortSignal,
): Promise<RecoveredJob[]> {
  signal?.throwIfAborted()
  const condemned = await condemn(fleet, identity, { ...request, by: options.by })
  if (!condemned) return []
  const recovered: RecoveredJob[] = []
  const failures: unknown[] = []
  for (const queue of condemned.queues) {
    const list = { key: fleet.layout.queue(queue).recovering(identity), queue, identity }
    try {
      recovered.push(...(await putBack(fleet, list, condemned, options.maxInterruptions, signal)))
    } catch (error) {
      // The other queues are not to wait for a key that somebody else has broken.
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  // It may have been woken for jobs that it did not come to take.
  await ring(fleet, condemned.queues)
  // The last step: while the worker is registered, every round of the keeper finds it again.
  await forget(fleet, identity)
  report(fleet, condemned, recovered)
  return recovered
}

/** Removes a worker from the register. */
export async function forget({ driver, layout }: Fleet, identity: string): Promise<void> {
  const { workers, worker, names } = layout.fleet
  const heartbeat = layout.foreignHeartbeat?.(identity)
  const keys = [workers, worker(identity), names, heartbeat ?? workers]
  await driver.run(LEAVE, keys, [identity, heartbeat === undefined ? 0 : 1])
}

function report({ logger }: Fleet, condemned: Condemned, recovered: readonly RecoveredJob[]): void {
  const { identity, cause, held } = condemned
  if (recovered.length > 0) {
    logger.info({ identity, cause, held, recovered }, 'recovered the jobs of a worker')
  }
}
