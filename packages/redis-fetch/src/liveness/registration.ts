import { RecyclerError } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import { REGISTER } from '../scripts/registration.ts'
import { FOREIGN_HEARTBEAT_S } from './beat.ts'

/** What is known about a worker while it is registered. */
export interface WorkerFacts {
  readonly identity: string
  /** The stable name that it shares with its predecessor. */
  readonly name?: string
  readonly queues: readonly string[]
  readonly concurrency: number
  readonly pid: number
  readonly host: string
  /** The server's number of the connection that claims: gone at once when the process is. */
  readonly connection: string
}

/**
 * Registers a worker: before its first claim, or again when a failover has lost it. Throws `FENCED`
 * for an identity that was declared dead, or is in use. Gives Redis time in ms.
 */
export async function register(
  { driver, layout }: Fleet,
  facts: WorkerFacts,
  leaseMs: number,
  how: 'new' | 'again',
): Promise<number> {
  const { identity, name = '', queues, concurrency, pid, host, connection } = facts
  const { workers, worker, fence, names } = layout.fleet
  const heartbeat = layout.foreignHeartbeat?.(identity)
  const fields = { name, queues: queues.join(','), concurrency, pid, host, connection }
  const reply = await driver.run(
    REGISTER,
    [workers, worker(identity), fence(identity), names, heartbeat ?? workers],
    [
      identity,
      leaseMs,
      name,
      how,
      heartbeat === undefined ? 0 : FOREIGN_HEARTBEAT_S,
      ...Object.entries(fields).flat(),
    ],
  )
  if (typeof reply === 'number') {
    await driver.send([['SADD', layout.fleet.queues, ...queues]])
    return reply
  }
  const why = String(reply) === 'TAKEN' ? 'is in use' : 'was declared dead'
  throw new RecyclerError(
    'FENCED',
    `[redis-fetch] The identity ${identity} ${why}: an identity is never used again. Start with a new one.`,
  )
}

/** The server's numbers of a connection, by which another process sees whether it is still there. */
export async function connectionOf({ driver }: Fleet): Promise<string> {
  if (driver.isCluster) return ''
  const [id] = await driver.send([['CLIENT', 'ID']])
  return typeof id === 'number' ? String(id) : ''
}
