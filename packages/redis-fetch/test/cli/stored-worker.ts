import type { RawRedis } from '../../../../test/redis/raw-redis.ts'

/** A worker as the server knows it, written by raw commands. */
export interface StoredWorker {
  readonly prefix: string
  readonly identity: string
  /** Ids of jobs in its hands, all of the queue `default`. */
  readonly jobs: readonly string[]
  /** From now until the end of its lease, in ms by the server's clock; negative when it has run out. */
  readonly leaseMs: number
  readonly state?: object
}

/** The bytes of a job. */
export function jobBytes(id: string, more: object = {}, payload: unknown = { n: 1 }): string {
  const header = { id, name: 'paint', queue: 'default', at: 1_700_000_000_000, ...more }
  return `${JSON.stringify(header)}\n${JSON.stringify(payload)}`
}

/** The server's clock, in ms. */
export async function serverNow(raw: RawRedis): Promise<number> {
  const [seconds, micros] = (await raw.text('TIME')) as [string, string]
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}

/** Registers a worker that holds jobs. */
export async function storeWorker(raw: RawRedis, worker: StoredWorker): Promise<void> {
  const { prefix, identity, jobs, leaseMs, state } = worker
  const nowMs = await serverNow(raw)
  const fields = { queues: 'default', concurrency: 5, registeredAt: nowMs - 65_000 }
  await raw.command('SADD', `{${prefix}}:queues`, 'default')
  await raw.command('HSET', `{${prefix}}:worker:${identity}`, ...Object.entries(fields).flat())
  if (state) {
    await raw.command('HSET', `{${prefix}}:worker:${identity}`, 'state', JSON.stringify(state))
  }
  await raw.command('ZADD', `{${prefix}}:workers`, nowMs + leaseMs, identity)
  for (const id of jobs) {
    await raw.command('LPUSH', `{${prefix}/default}:work:${identity}`, jobBytes(id))
  }
}

/** The first lines of the jobs that wait in `default`, the next one first. */
export async function waiting(raw: RawRedis, prefix: string): Promise<Record<string, unknown>[]> {
  const jobs = (await raw.text('LRANGE', `{${prefix}/default}:wait`, 0, -1)) as string[]
  return jobs
    .toReversed()
    .map((bytes) => JSON.parse(bytes.split('\n')[0] ?? '') as Record<string, unknown>)
}
