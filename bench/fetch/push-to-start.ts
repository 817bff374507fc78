import { setTimeout as pause } from 'node:timers/promises'
import { redisFetch, redisQueue } from '@worker-recycler/redis-fetch'
import { Queue, Worker } from 'bullmq'
import { startRedis, type RedisServer } from '../../test/redis/redis-server.ts'
import { echoApp, sidekiqJob, startSidekiq, withoutSidekiq } from '../../test/redis/sidekiq.ts'
import type { Figure } from '../harness/figure.ts'
import { spread } from '../harness/spread.ts'
import { sourceContext, unhurried } from '../redis/source-context.ts'

const CONCURRENCY = 10
const SAMPLES = 200
/** So that a worker is idle again, and not in step with anything. */
const PAUSE_MS = 30
/** The GitLab fetcher sleeps 5 s when it has found nothing: fewer samples, further apart. */
const SLEEPY = { samples: 15, pauseMs: 5000 } as const

/** A worker with nothing to do, and a way to give it something. */
interface Idle {
  /** Pushes one job from another connection; resolves when its handler is entered. */
  push(): Promise<void>
  stop(): Promise<void>
}

/** From the call that pushes to the entry of the handler, when the worker is idle. */
export async function pushToStart(progress: (line: string) => void): Promise<Figure[]> {
  const native = { layout: 'native', raw: false } as const
  const sidekiq = { layout: 'sidekiq', raw: true } as const
  const sides: Record<string, (server: RedisServer) => Promise<Idle>> = {
    'native, 1 queue': (server) => ours(server, { ...native, queues: 1 }),
    'native, 100 queues': (server) => ours(server, { ...native, queues: 100 }),
    'sidekiq layout, 1 queue': (server) => ours(server, { ...sidekiq, queues: 1 }),
    'sidekiq layout, 100 queues': (server) => ours(server, { ...sidekiq, queues: 100 }),
    BullMQ: bullmq,
    ...(withoutSidekiq() === undefined && {
      Sidekiq: (server: RedisServer) => ruby(server, false),
      'GitLab fetcher': (server: RedisServer) => ruby(server, true),
    }),
  }
  const measured = new Map<string, number[]>()
  for (const [name, start] of Object.entries(sides)) {
    progress(`push to start: ${name}`)
    const usual = { samples: SAMPLES, pauseMs: PAUSE_MS }
    measured.set(name, await samplesOf(start, name === 'GitLab fetcher' ? SLEEPY : usual))
  }
  const row = (name: string, peer: string) => {
    const values = measured.get(peer)
    const what = { name: `push to start when idle, ${name}`, unit: 'ms' }
    const other = values && { name: peer, values }
    return spread(what, { p95: '<= 50' }, measured.get(name) ?? [], other)
  }
  return [
    ...row('native, 1 queue', 'BullMQ'),
    ...row('native, 100 queues', 'BullMQ'),
    ...row('sidekiq layout, 1 queue', 'Sidekiq'),
    ...row('sidekiq layout, 100 queues', 'GitLab fetcher'),
  ]
}

async function samplesOf(
  start: (server: RedisServer) => Promise<Idle>,
  { samples, pauseMs }: { readonly samples: number; readonly pauseMs: number },
): Promise<number[]> {
  const server = await startRedis()
  try {
    const idle = await start(server)
    const values: number[] = []
    await idle.push()
    for (let sample = 0; sample < samples; sample++) {
      await pause(pauseMs * (0.3 + 0.7 * Math.random()))
      const startMs = performance.now()
      await idle.push()
      values.push(performance.now() - startMs)
    }
    await idle.stop()
    return values
  } finally {
    await server.stop()
  }
}

async function ours(
  server: RedisServer,
  options: { layout: 'native' | 'sidekiq'; raw: boolean; queues: number },
): Promise<Idle> {
  const { layout } = options
  const { url } = server
  const queues = Array.from({ length: options.queues }, (_, index) => `q${index}`)
  const last = queues.at(-1) ?? ''
  let entered = () => {}
  const handlers = { noop: async () => entered() }
  const source = redisFetch({ url, layout, queues, concurrency: CONCURRENCY, handlers })
  await source.start(sourceContext(), unhurried)
  const producer = redisQueue({ url, layout })
  const raw = await server.raw()
  return {
    push: async () => {
      const entry = new Promise<void>((resolve) => {
        entered = resolve
      })
      await (options.raw
        ? raw.command('LPUSH', `queue:${last}`, sidekiqJob('noop', [1], last))
        : producer.enqueue('noop', 1, { queue: last }))
      await entry
    },
    stop: async () => {
      await source.stop(unhurried)
      await producer.close()
    },
  }
}

async function bullmq({ port }: RedisServer): Promise<Idle> {
  const connection = { host: '127.0.0.1', port }
  const queue = new Queue('q0', { connection })
  let entered = () => {}
  const worker = new Worker('q0', async () => entered(), { connection, concurrency: CONCURRENCY })
  await worker.waitUntilReady()
  return {
    push: async () => {
      const entry = new Promise<void>((resolve) => {
        entered = resolve
      })
      await queue.add('noop', 1)
      await entry
    },
    stop: async () => {
      await worker.close()
      await queue.close()
    },
  }
}

async function ruby(server: RedisServer, reliable: boolean): Promise<Idle> {
  const raw = await server.raw()
  const { url } = server
  const sidekiq = await startSidekiq({ url, app: echoApp, concurrency: CONCURRENCY, reliable })
  await sidekiq.ready
  let number = 0
  return {
    push: async () => {
      number += 1
      await raw.command('LPUSH', 'queue:default', sidekiqJob('EchoJob', [`n${number}.`]))
      await sidekiq.untilLine(new RegExp(`^echo n${number}\\.$`))
    },
    stop: async () => void (await sidekiq.kill()),
  }
}
