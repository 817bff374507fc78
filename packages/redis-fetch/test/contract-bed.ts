import { createHash, randomUUID } from 'node:crypto'
import { fakeClock, type JobSourceTestBed } from '@worker-recycler/core/testing'
import type { RawRedis } from '../../../test/redis/raw-redis.ts'
import type { ConnectionOptions } from '../src/driver/connection.ts'
import { redisFetch } from '../src/redis-fetch.ts'
import { nativeKeys, redisOracle, sidekiqKeys } from './redis-oracle.ts'

const LEASE_MS = 3000

/** What both layouts share: a fake clock for the leases, real Redis for everything else. */
function contractBed(
  raw: () => RawRedis,
  server: () => ConnectionOptions,
  options: {
    readonly layout: 'native' | 'sidekiq'
    readonly prefix: string
    readonly keys: ReturnType<typeof nativeKeys>
    readonly wrap: (payload: unknown) => unknown
    readonly write: (name: string, payload: unknown) => { id: string; bytes: string }
    readonly bell?: string
  },
): JobSourceTestBed {
  const { layout, prefix, keys, wrap, write, bell } = options
  const clock = fakeClock()
  return {
    clock,
    oracle: redisOracle(raw, keys),
    source: ({ handlers, concurrency }) =>
      redisFetch({
        ...server(),
        layout,
        prefix,
        queues: ['default'],
        concurrency,
        leaseMs: LEASE_MS,
        heartbeat: 'loop',
        adoptMs: Infinity,
        handlers: {
          paint: (job, context) => handlers.paint({ ...job, payload: wrap(job.payload) }, context),
          glaze: (job, context) => handlers.glaze({ ...job, payload: wrap(job.payload) }, context),
        },
      }),
    enqueue: async (name, payload) => {
      const { id, bytes } = write(name, payload)
      await raw().command('LPUSH', keys.wait, bytes)
      if (bell) await raw().command('ZADD', bell, 0, '1')
      return id
    },
    // Its lease runs out, and those who live watch for one lease time without being stalled.
    expire: async (identity) => {
      for (let passed = 0; passed < 2 * LEASE_MS; passed += 500) {
        await clock.advance(500)
        // Whatever the step has set off over the network is done after some round trips.
        for (let trips = 0; trips < 20; trips += 1) await raw().command('PING')
      }
      await raw().command('ZADD', keys.workers, 'XX', 1, identity)
    },
  }
}

/** The native layout; `prefix` is the scope of one rule. */
export function nativeBed(
  raw: () => RawRedis,
  server: () => ConnectionOptions,
  scope: string,
): JobSourceTestBed {
  const prefix = shortened(scope)
  return contractBed(raw, server, {
    layout: 'native',
    prefix,
    keys: nativeKeys(prefix, 'default'),
    bell: `{${prefix}}:bell:default`,
    wrap: (payload) => payload,
    write: (name, payload) => {
      const id = randomUUID()
      const header = { id, name, queue: 'default', at: Date.now() }
      return { id, bytes: `${JSON.stringify(header)}\n${JSON.stringify(payload ?? null)}` }
    },
  })
}

/** Sidekiq's layout; pushes as its client does, without a bell. */
export function sidekiqBed(
  raw: () => RawRedis,
  server: () => ConnectionOptions,
  scope: string,
): JobSourceTestBed {
  const prefix = `${shortened(scope)}:`
  return contractBed(raw, server, {
    layout: 'sidekiq',
    prefix,
    keys: sidekiqKeys(prefix, 'default'),
    wrap: (payload) => (payload as unknown[])[0],
    write: (name, payload) => {
      const jid = randomUUID().replaceAll('-', '').slice(0, 24)
      const now = Date.now() / 1000
      const job = {
        retry: true,
        queue: 'default',
        class: name,
        args: [payload],
        jid,
        created_at: now,
        enqueued_at: now,
      }
      return { id: jid, bytes: JSON.stringify(job) }
    },
  })
}

function shortened(scope: string): string {
  return `t${createHash('sha1').update(scope).digest('hex').slice(0, 16)}`
}
