import type { Codec } from './job-record.ts'

/** Keys that belong to one queue; in a Cluster they share a slot. */
export interface QueueKeys {
  /** LIST of jobs that can run: producers push left, workers take from the right. */
  readonly wait: string
  /** LIST of jobs that must run alone. */
  readonly suspects: string
  /** ZSET of delayed jobs, by when they are due. */
  readonly scheduled: string
  /** ZSET of failed jobs that run again, by when they are due. */
  readonly retry: string
  /** ZSET of jobs that failed too often, by when. */
  readonly dead: string
  /** ZSET of jobs that interrupted their workers too often, by when. */
  readonly quarantine: string
  /** LIST of what one worker holds. In the native layout a STRING once the worker is fenced. */
  readonly work: (identity: string) => string
  /** LIST of what a fenced worker held, until all is put back. */
  readonly recovering: (identity: string) => string
  /** STRING that reserves an id. */
  readonly reservation: (id: string) => string
}

/** Keys that the whole fleet shares; in a Cluster they share a slot. */
interface FleetKeys {
  /** ZSET of identities by the end of their lease, in Redis time. 0 while a recovery is under way. */
  readonly workers: string
  /** HASH from a worker's stable name to its identity. */
  readonly names: string
  /** STRING: the identity of the one worker that looks after the fleet. */
  readonly keeper: string
  /** ZSET of queues by when their next delayed job is due, in ms. */
  readonly due: string
  /** SET of the queues that exist. */
  readonly queues: string
  /** HASH of what is known about a worker. */
  readonly worker: (identity: string) => string
  /** HASH that says that a worker was declared dead: cause, by, at, held. */
  readonly fence: (identity: string) => string
  /** ZSET that wakes one waiting worker: jobs wait in this queue. */
  readonly bell: (queue: string) => string
  /** The same for jobs that must run alone. */
  readonly suspectBell: (queue: string) => string
  /** ZSET that wakes the keeper: something is due earlier than it knows. */
  readonly keeperBell: string
  /** ZSET of holders of a cohort's permits by their expiry. */
  readonly cohort: (name: string) => string
}

/** Names of keys and bytes of jobs: the only place that knows them. */
export interface Layout {
  readonly name: 'native' | 'sidekiq'
  /** Every script touches one slot only. */
  readonly clusterSafe: boolean
  readonly codec: Codec
  readonly fleet: FleetKeys
  readonly queue: (name: string) => QueueKeys
  /** How a time is written as a score. */
  score(epochMs: number): string
  epochMsOf(score: number): number
  /** Where a worker's claims are refused once it is fenced: by the fence key itself, or by a tomb. */
  readonly fencedBy: 'tomb' | 'fence'
  /** SCAN patterns of lists that workers hold. */
  readonly workPattern: string
  /** Whose list a key is; undefined when it is none. */
  parseWork(key: string): { readonly queue: string; readonly identity: string } | undefined
  /** The key by which workers of other programs show that they live. */
  readonly foreignHeartbeat?: (identity: string) => string
  /** Producers of other programs push without ringing: their queues must be listened to. */
  readonly foreignProducers: boolean
}

/** Makes the keys of each queue once: they are asked for with every job. */
export function remembered(keysOf: (queue: string) => QueueKeys): (queue: string) => QueueKeys {
  const known = new Map<string, QueueKeys>()
  return (queue) => {
    const keys = known.get(queue) ?? keysOf(queue)
    known.set(queue, keys)
    return keys
  }
}
