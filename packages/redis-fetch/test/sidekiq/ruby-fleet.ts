import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { RawRedis } from '../../../../test/redis/raw-redis.ts'
import {
  type SidekiqOptions,
  type SidekiqProcess,
  startSidekiq,
} from '../../../../test/redis/sidekiq.ts'
import type { RedisFetchOptions } from '../../src/options.ts'
import type { RedisQueue } from '../../src/redis-queue.ts'
import { ownQueue, ownServer } from '../faults/fault-scene.ts'
import { ruby } from '../layout/ruby.ts'
import { type ChildWorker, startWorker } from '../processes/child-worker.ts'
import { type JobLog, jobLog } from '../processes/job-log.ts'

/** A worker of Ruby's, as the fetcher names it. */
interface RubyWorker extends SidekiqProcess {
  readonly identity: string
}

/** A server that Ruby and this package share, and a file to which the jobs of both append. */
export interface RubyFleet {
  readonly url: string
  readonly raw: RawRedis
  readonly log: JobLog
  readonly queue: RedisQueue
  /** Starts a worker of Ruby's; without `cleans` it never puts back what others held. */
  readonly ruby: (options?: RubyWorkerOptions) => Promise<RubyWorker>
  /** Starts the worker fixture. */
  readonly node: (program: string, options?: Partial<RedisFetchOptions>) => Promise<ChildWorker>
  /** Runs a line of Ruby as a client of Sidekiq's would; gives what it prints. */
  readonly client: (program: string) => string
  /** The bytes of what a worker holds of the queue `default`. */
  readonly held: (identity: string) => Promise<string[]>
  /** What remains of a worker that was killed a minute ago, at this moment. */
  readonly age: (identity: string) => Promise<void>
}

/** How a worker of Ruby's is started. */
interface RubyWorkerOptions extends Pick<SidekiqOptions, 'concurrency' | 'options'> {
  /** Puts back what the dead held, with every look for jobs. */
  readonly cleans?: boolean
}

const app = fileURLToPath(new URL('../fixtures/fleet-app.rb', import.meta.url))
const NEVER_S = 1e12

/** Removes the sign of life, and makes the list as old as it would be. */
const AGE = `redis.call('DEL', KEYS[1])
local dump = redis.call('DUMP', KEYS[2])
if dump then redis.call('RESTORE', KEYS[2], 0, dump, 'REPLACE', 'IDLETIME', 60) end`

/** Starts a server for one test; the end of the test ends all. */
export async function rubyFleet(): Promise<RubyFleet> {
  const { server, raw } = await ownServer()
  const dir = mkdtempSync(join(tmpdir(), 'redis-fetch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const log = jobLog(join(dir, 'log'))
  const { url } = server
  const work = (identity: string) => `working:queue:default:${identity}`
  return {
    url,
    raw,
    log,
    queue: ownQueue({ url, layout: 'sidekiq' }),
    ruby: async ({ concurrency = 1, cleans = false, options } = {}) => {
      const lease = cleans
        ? { cleanup_interval: 1, lease_interval: 0 }
        : { lease_interval: NEVER_S }
      const started = await startSidekiq({
        url,
        app,
        reliable: true,
        concurrency,
        options: { ...lease, poll_interval_average: 1, ...options },
        env: { KIT_LOG: log.path },
      })
      onTestFinished(async () => void (await started.kill()))
      await started.ready
      const line = await started.untilLine(/^identity /)
      return { ...started, identity: line.slice('identity '.length) }
    },
    node: (program, options = {}) =>
      startWorker(program, {
        options: { url, layout: 'sidekiq', leaseMs: 60_000, heartbeat: 'loop', ...options },
        log: log.path,
      }),
    client: (program) => {
      const connect = `Sidekiq.configure_client { |config| config.redis = { url: '${url}' } }`
      const job = 'class Paint; include Sidekiq::Worker; end'
      return ruby(`require 'sidekiq/api'; ${connect}; ${job}; ${program}`, '').trim()
    },
    held: async (identity) => (await raw.text('LRANGE', work(identity), 0, -1)) as string[],
    age: async (identity) => {
      const heartbeat = `reliable-fetcher-heartbeat-${identity.replaceAll(':', '-')}`
      await raw.command('EVAL', AGE, 2, heartbeat, work(identity))
    },
  }
}

/** What Ruby's own cleanup would have made of a job. */
export function interruptedByRuby(bytes: string): string {
  const count = "job['interrupted_count'] = job['interrupted_count'].to_i + 1"
  const program = `job = Sidekiq.load_json(STDIN.read); ${count}; print Sidekiq.dump_json(job)`
  return ruby(program, bytes)
}
