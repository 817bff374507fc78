import {
  afterDeath,
  parseIdentity,
  type CallOptions,
  type RecoveredJob,
  type RecoverReport,
  type RecoverRequest,
} from '@worker-recycler/core'
import { type BullmqQueue, distinctQueues } from '../queue/bullmq-queue.ts'
import { putBack } from '../queue/put-back.ts'
import { condemn, type CondemnedJob, registered, unregister } from '../queue/registry.ts'
import { formatHistory, parseHistory } from './history.ts'

/** Where recovery looks, and how it decides. */
export interface Recovery {
  readonly queues: readonly BullmqQueue[]
  /** Interruptions that a job is blamed for, after which it is failed instead of run. */
  readonly maxInterruptions: number
}

/**
 * Puts back what dead workers held. Without a name it finds nothing: BullMQ's own check for stalled jobs
 * is what proves a death that nobody tells of.
 */
export async function recover(
  { queues, maxInterruptions }: Recovery,
  request: RecoverRequest,
  { signal }: CallOptions,
): Promise<RecoverReport> {
  const recovered: RecoveredJob[] = []
  const all = distinctQueues(queues)
  for (const identity of await identitiesOf(all, request, signal)) {
    const held: CondemnedJob[] = []
    for (const queue of all) {
      signal.throwIfAborted()
      held.push(...(await condemn(queue, identity)))
    }
    const death = { cause: request.cause ?? 'unknown', held: held.length }
    // Newest first: each goes to where jobs are taken from, so the oldest is taken first again.
    for (const job of held) {
      signal.throwIfAborted()
      const before = parseHistory(job.history, job.failures)
      const { to, job: after } = afterDeath(before, death, maxInterruptions)
      const moved = await putBack(job.queue, {
        id: job.id,
        token: job.token,
        uncharged: after === before,
        ...(after === before ? {} : { history: formatHistory(after) }),
        ...(to === 'quarantine' ? { deferredFailure: reasonOf(after.blamed, death.cause) } : {}),
      })
      if (moved) {
        const id = all.length === 1 ? job.id : `${job.queue.name}:${job.id}`
        recovered.push({ id, name: job.name, from: identity, to })
      }
    }
    for (const queue of all) await unregister(queue, identity)
  }
  return { recovered }
}

async function identitiesOf(
  queues: readonly BullmqQueue[],
  { identity, invocation }: RecoverRequest,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (identity !== undefined) return [identity]
  if (invocation === undefined) return []
  const found = new Set<string>()
  for (const queue of queues) {
    signal.throwIfAborted()
    for (const each of await registered(queue)) {
      if (parseIdentity(each)?.invocation === invocation) found.add(each)
    }
  }
  return [...found]
}

function reasonOf(blamed: number, cause: string): string {
  return `job interrupted its worker ${blamed} times, last by ${cause}: it is put aside until somebody retries it`
}
