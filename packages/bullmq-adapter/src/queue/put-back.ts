import { PUT_BACK, WAKE } from '../scripts/put-back.ts'
import type { BullmqQueue } from './bullmq-queue.ts'
import { hasPausedList, runScript } from './run-script.ts'

/** A job on its way back, and what changes about it. */
export interface Returned {
  readonly id: string
  /** The value of its lock. */
  readonly token: string
  /** Whether the run that ended counts as none. */
  readonly uncharged: boolean
  /** Its history from now on, as it is stored; left out when it stays as it was. */
  readonly history?: string
  /** Fails the job when it is taken next, instead of running it. */
  readonly deferredFailure?: string
}

/** Makes a job available to others; false when it is not locked with this token any more. */
export async function putBack(queue: BullmqQueue, job: Returned): Promise<boolean> {
  const key = (type: string) => queue.toKey(type)
  const { id, token, uncharged, history = '', deferredFailure = '' } = job
  const keys = [
    ...['active', 'wait', hasPausedList(queue) ? 'paused' : 'wait', 'prioritized'].map(key),
    ...['marker', 'meta', 'events', 'stalled', id, `${id}:lock`].map(key),
  ]
  const rest = [id, token, history, uncharged ? '-1' : '0', deferredFailure]
  return (await runScript(queue, PUT_BACK, [...keys, ...rest])) === 1
}

/** Wakes one of the workers that wait for a job. */
export async function wakeAnother(queue: BullmqQueue): Promise<void> {
  await runScript(queue, WAKE, [queue.toKey('marker')])
}
