import { numberOf, replyOf, textOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'

/** What is known of the last worker that had a name. */
export type Predecessor =
  | { readonly state: 'none' }
  /** Its connection is gone: the process is dead, or has lost the server for good. */
  | { readonly state: 'gone'; readonly identity: string }
  /** Its connection is there: it works, or its host was lost and its lease will tell. */
  | { readonly state: 'connected'; readonly identity: string }

/**
 * Looks for the predecessor of a worker with a stable name. The kernel closes a dead process's
 * connections at once, so a connection that the server no longer lists is proof enough for a name that
 * only one worker may have at a time.
 */
export async function findPredecessor(
  { driver, layout }: Fleet,
  name: string,
  self: string,
): Promise<Predecessor> {
  const { names, worker, workers } = layout.fleet
  const identity = textOf(replyOf(await driver.send([['HGET', names, name]])))
  if (identity === undefined || identity === self) return { state: 'none' }
  const [deadline = null, connection = null] = await driver.send([
    ['ZSCORE', workers, identity],
    ['HGET', worker(identity), 'connection'],
  ])
  if (deadline === null) return { state: 'none' }
  const id = numberOf(connection)
  if (!Number.isInteger(id) || id <= 0) return { state: 'connected', identity }
  const [listed] = await driver.send([['CLIENT', 'LIST', 'ID', id]])
  // Whoever may not list connections waits for the lease.
  if (!Buffer.isBuffer(listed)) return { state: 'connected', identity }
  return { state: listed.toString().trim() === '' ? 'gone' : 'connected', identity }
}
