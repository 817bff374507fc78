import type { Fleet } from '../fleet.ts'
import { type FleetStatus, readStatus } from '../queue/status.ts'
import { readServerTime } from './server-time.ts'

/** What `status` shows: the fleet, and what an operator would add up. */
export interface StatusReport extends FleetStatus {
  /** The server's clock. */
  readonly atEpochMs: number
  readonly layout: Fleet['layout']['name']
  /** Identities of workers whose lease has run out, or which are being recovered. */
  readonly orphans: readonly string[]
  /** Jobs in quarantine, in all queues. */
  readonly quarantine: number
  /** Counts of queues that are those of all queues together, because they share one set. */
  readonly shared: readonly Shared[]
}

/** A count of a queue that may be shared by all of them. */
export type Shared = (typeof COUNTS)[number]

const COUNTS = ['scheduled', 'retry', 'dead', 'quarantine'] as const

/** Asks the server for it. */
export async function readReport(fleet: Fleet): Promise<StatusReport> {
  const { layout } = fleet
  const status = await readStatus(fleet)
  const shared = COUNTS.filter((count) => layout.queue('a')[count] === layout.queue('b')[count])
  const stopped = status.queues.map(({ quarantine }) => quarantine)
  const quarantine = shared.includes('quarantine')
    ? Math.max(0, ...stopped)
    : stopped.reduce((sum, count) => sum + count, 0)
  const orphans = status.workers.filter(({ state }) => state === 'lost' || state === 'recovering')
  return {
    atEpochMs: await readServerTime(fleet.driver),
    layout: layout.name,
    ...status,
    orphans: orphans.map(({ identity }) => identity),
    quarantine,
    shared,
  }
}
