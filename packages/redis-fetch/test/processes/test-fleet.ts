import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DeathCause, RecoveredJob } from '@worker-recycler/core'
import type { JobSourceOracle } from '@worker-recycler/core/testing'
import { onTestFinished } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import type { SharedRedis } from '../../../../test/redis/shared-redis.ts'
import type { RedisFetchOptions, StorageOptions } from '../../src/options.ts'
import { type RedisQueue, redisQueue } from '../../src/redis-queue.ts'
import type { Plan } from '../fixtures/worker.ts'
import { nativeKeys, type OracleKeys, redisOracle, sidekiqKeys } from '../redis-oracle.ts'
import { type ChildWorker, startWorker } from './child-worker.ts'
import { countJobs } from './every-job.ts'
import { type JobLog, jobLog } from './job-log.ts'

/** Both ways in which jobs can lie on a server. */
export const LAYOUTS = ['native', 'sidekiq'] as const

/** A fleet of its own on a shared server: keys, files, and the supervisor's side. */
export interface TestFleet {
  readonly layout: 'native' | 'sidekiq'
  readonly prefix: string
  readonly storage: StorageOptions
  readonly raw: RawRedis
  readonly keys: OracleKeys
  readonly oracle: Required<Omit<JobSourceOracle, 'completed'>>
  readonly queue: RedisQueue
  readonly log: JobLog
  /** A path in the test's own directory. */
  file(name: string): string
  /** Enqueues jobs, by default into the queue `default`; gives their ids. */
  enqueue(plans: readonly Plan[], queue?: string): Promise<readonly string[]>
  start(options?: Partial<RedisFetchOptions>): Promise<ChildWorker>
  /** A death notice. */
  bury(worker: ChildWorker, cause: DeathCause): Promise<readonly RecoveredJob[]>
  /** How many jobs there are, in whatever list or sorted set. */
  left(): Promise<number>
  /** Whether it was declared dead; asked by another connection where that is given. */
  isFenced(identity: string, by?: RawRedis): Promise<boolean>
}

/** Makes an empty fleet; `worker` is the path of the worker's program. The end of the test ends it. */
export function testFleet(
  redis: Pick<SharedRedis, 'raw' | 'url'>,
  layout: 'native' | 'sidekiq',
  worker: string,
  { maxInterruptions = 3, url = redis.url() } = {},
): TestFleet {
  const name = `t${randomBytes(6).toString('hex')}`
  const prefix = layout === 'native' ? name : `${name}:`
  const dir = mkdtempSync(join(tmpdir(), 'redis-fetch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const raw = redis.raw()
  const keys = layout === 'native' ? nativeKeys(prefix, 'default') : sidekiqKeys(prefix, 'default')
  const storage = { url, layout, prefix } as const
  const queue = redisQueue({ ...storage, url: redis.url(), maxInterruptions })
  onTestFinished(() => queue.close())
  const log = jobLog(join(dir, 'log'))
  const ours = layout === 'native' ? `{${prefix}}` : `${prefix}wr`

  return {
    layout,
    prefix,
    storage,
    raw,
    keys,
    oracle: redisOracle(() => raw, keys),
    queue,
    log,
    file: (path) => join(dir, path),
    enqueue: async (plans, into = 'default') => {
      const payload = (plan: Plan) => (layout === 'native' ? plan : [plan])
      const jobs = plans.map((plan) => ({ name: 'paint', queue: into, payload: payload(plan) }))
      return (await queue.enqueueMany(jobs)).map(({ id }) => id)
    },
    start: (options = {}) =>
      startWorker(worker, {
        options: { ...storage, maxInterruptions, concurrency: 4, leaseMs: 60_000, ...options },
        log: log.path,
      }),
    bury: async ({ identity }, cause) => (await queue.recover({ identity, cause })).recovered,
    left: () => countJobs(raw, prefix),
    isFenced: async (identity, by = raw) =>
      (await by.command('EXISTS', `${ours}:fence:${identity}`)) === 1,
  }
}
