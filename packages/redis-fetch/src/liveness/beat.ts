import type { Driver } from '../driver/driver.ts'
import { BEAT } from '../scripts/registration.ts'

/** What renewing a lease needs to know; plain data, so that another thread can have it. */
export interface BeatKeys {
  readonly identity: string
  readonly workers: string
  readonly worker: string
  readonly fence: string
  /** The key by which other programs see that this worker lives. */
  readonly heartbeat?: string
  readonly leaseMs: number
}

/** What the server answered. `unknown`: the registration is lost, and to be made again. */
export type BeatAnswer = { readonly redisMs: number } | 'fenced' | 'unknown'

/** How long other programs take a heartbeat for fresh, in seconds: as the GitLab fetcher writes it. */
export const FOREIGN_HEARTBEAT_S = 60

/** Renews the lease once. `stalledMs`: for how long the event loop has been blocked, if that is news. */
export async function beat(
  driver: Driver,
  keys: BeatKeys,
  stalledMs?: number,
): Promise<BeatAnswer> {
  const { identity, workers, worker, fence, heartbeat, leaseMs } = keys
  const reply = await driver.run(
    BEAT,
    [workers, worker, fence, heartbeat ?? workers],
    [identity, leaseMs, heartbeat === undefined ? 0 : FOREIGN_HEARTBEAT_S, stalledMs ?? ''],
  )
  if (typeof reply === 'number') return { redisMs: reply }
  return String(reply) === 'FENCED' ? 'fenced' : 'unknown'
}
