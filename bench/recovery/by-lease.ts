import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { redisFetch, redisQueue } from '@worker-recycler/redis-fetch'
import { startRedis } from '../../test/redis/redis-server.ts'
import { sourceContext, unhurried } from '../redis/source-context.ts'
import type { HoldingWorker } from './fixtures/holding-worker.ts'
import { watchRequeue } from './requeue.ts'

const FLEETS = 5
const VICTIMS = 5
const LEASE_MS = 12_000
const RENEWED_EVERY_MS = LEASE_MS / 3

/**
 * From SIGKILL to the requeue when nobody tells: the keeper finds the leases that have run out. In
 * several fleets at once, which differ in how far the keeper's next look is away.
 */
export async function byLease(worker: string): Promise<number[]> {
  const fleets = Array.from({ length: FLEETS }, (_, index) =>
    inFleet(worker, (index * RENEWED_EVERY_MS) / FLEETS),
  )
  return (await Promise.all(fleets)).flat()
}

async function inFleet(worker: string, offsetMs: number): Promise<number[]> {
  const server = await startRedis()
  const { url } = server
  const queues = Array.from({ length: VICTIMS }, (_, index) => `q${index}`)
  const given: HoldingWorker = { url, queues, apartMs: RENEWED_EVERY_MS / VICTIMS }
  const producer = redisQueue({ url })
  try {
    await producer.enqueueMany(queues.map((queue) => ({ name: 'hold', payload: 1, queue })))
    const child = fork(worker, [JSON.stringify(given)], { execArgv: [] })
    for (let holding = 0; holding < VICTIMS; holding++) await once(child, 'message')
    // It works on another queue: what matters is that it lives.
    const survivor = redisFetch({ url, queues: ['other'], handlers: {} })
    await survivor.start(sourceContext(), unhurried)
    const watched = await Promise.all(
      queues.map((queue) => watchRequeue(server, `{wr/${queue}}:wait`)),
    )
    // Long enough for the survivor to judge, and each fleet to be at another point of its round.
    await pause(LEASE_MS * 1.5 + offsetMs)
    const exited = once(child, 'exit')
    const startMs = performance.now()
    child.kill('SIGKILL')
    await exited
    const atMs = await Promise.all(watched.map(({ requeuedAtMs }) => requeuedAtMs))
    await survivor.stop(unhurried)
    return atMs.map((at) => at - startMs)
  } finally {
    await producer.close()
    await server.stop()
  }
}
