import { setTimeout as pause } from 'node:timers/promises'
import { redisFetch } from '@worker-recycler/redis-fetch'
import { Worker } from 'bullmq'
import { startRedis, type RedisServer } from '../../test/redis/redis-server.ts'
import { echoApp, startSidekiq, withoutSidekiq } from '../../test/redis/sidekiq.ts'
import { type Figure, figure } from '../harness/figure.ts'
import { sentCount, sentDuring } from '../redis/sent-commands.ts'
import { sourceContext, unhurried } from '../redis/source-context.ts'

/** Whole rounds of everything that is done every so often: 4 s, 10 s, 12 s, 20 s and 60 s. */
const WATCH_S = 60
const CONCURRENCY = 10
const UNRELATED = 100_000

/** Starts one idle process on a server; resolves with its end. */
type Start = (server: RedisServer) => Promise<() => Promise<unknown>>

/** How many commands an idle process sends in a second, each on a server of its own. */
export async function idleCommands(progress: (line: string) => void): Promise<Figure[]> {
  const starts: Record<string, Start> = {
    'native, 1 queue': ours('native', 1),
    'native, 100 queues': ours('native', 100),
    'sidekiq layout, 1 queue': ours('sidekiq', 1),
    'sidekiq layout, 100 queues': ours('sidekiq', 100),
    'BullMQ, 1 queue': bullmq(1),
    'BullMQ, 100 queues': bullmq(100),
    ...(withoutSidekiq() === undefined && {
      'Sidekiq, 1 queue': ruby(1, false),
      'GitLab fetcher, 1 queue': ruby(1, true),
      'GitLab fetcher, 100 queues': ruby(100, true),
    }),
  }
  progress(`idle for ${WATCH_S} s: ${Object.keys(starts).join('; ')}`)
  const counted = new Map(
    await Promise.all(
      Object.entries(starts).map(async ([name, start]) => [name, await countOf(start)] as const),
    ),
  )
  const row = (name: string, peer: string) => {
    const count = counted.get(peer)
    return figure(
      { name: `idle, ${name}`, unit: 'commands/s', target: '<= 1' },
      [counted.get(name) ?? Number.NaN],
      count === undefined ? undefined : { name: peer, values: [count] },
    )
  }
  return [
    row('native, 1 queue', 'BullMQ, 1 queue'),
    row('native, 100 queues', 'BullMQ, 100 queues'),
    row('sidekiq layout, 1 queue', 'Sidekiq, 1 queue'),
    row('sidekiq layout, 1 queue', 'GitLab fetcher, 1 queue'),
    row('sidekiq layout, 100 queues', 'GitLab fetcher, 100 queues'),
  ]
}

async function countOf(start: Start): Promise<number> {
  const server = await startRedis({ args: ['--enable-debug-command', 'local'] })
  try {
    const raw = await server.raw()
    await raw.command('DEBUG', 'POPULATE', UNRELATED)
    const stop = await start(server)
    await pause(2000)
    const sent = await sentDuring(server, () => pause(1000 * WATCH_S))
    await stop()
    return sentCount(sent) / WATCH_S
  } finally {
    await server.stop()
  }
}

const named = (queues: number) => Array.from({ length: queues }, (_, index) => `q${index}`)

function ours(layout: 'native' | 'sidekiq', queues: number): Start {
  return async ({ url }) => {
    const options = { url, layout, queues: named(queues), concurrency: CONCURRENCY, handlers: {} }
    const source = redisFetch(options)
    await source.start(sourceContext(), unhurried)
    return () => source.stop(unhurried)
  }
}

/** BullMQ has a worker for each queue. */
function bullmq(queues: number): Start {
  return async ({ port }) => {
    const connection = { host: '127.0.0.1', port }
    const workers = named(queues).map(
      (queue) => new Worker(queue, async () => {}, { connection, concurrency: CONCURRENCY }),
    )
    await Promise.all(workers.map((worker) => worker.waitUntilReady()))
    return () => Promise.all(workers.map((worker) => worker.close()))
  }
}

function ruby(queues: number, reliable: boolean): Start {
  return async ({ url }) => {
    const options = { url, app: echoApp, queues: named(queues), reliable }
    const sidekiq = await startSidekiq({ ...options, concurrency: CONCURRENCY })
    await sidekiq.ready
    return () => sidekiq.kill()
  }
}
