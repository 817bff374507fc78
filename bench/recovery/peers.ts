import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Queue, Worker } from 'bullmq'
import { startRedis } from '../../test/redis/redis-server.ts'
import { echoApp, sidekiqJob, startSidekiq } from '../../test/redis/sidekiq.ts'
import { watchRequeue } from './requeue.ts'

const ROUNDS = 20
/** How often BullMQ looks for stalled jobs, by default. */
const STALLED_MS = 30_000

/** From SIGKILL to the requeue with BullMQ and its defaults: a worker for each queue looks for stalled jobs. */
export async function byBullmq(worker: string): Promise<number[]> {
  const server = await startRedis()
  const { port } = server
  const connection = { host: '127.0.0.1', port }
  const names = Array.from({ length: ROUNDS }, (_, index) => `q${index}`)
  try {
    const child = fork(worker, [String(port), JSON.stringify(names)], { execArgv: [] })
    const survivors: Worker[] = []
    const watched: Promise<number>[] = []
    for (const name of names) {
      const taken = once(child, 'message')
      const queue = new Queue(name, { connection })
      await queue.add('hold', 1)
      await taken
      await queue.close()
      watched.push((await watchRequeue(server, `bull:${name}:wait`)).requeuedAtMs)
      survivors.push(new Worker(name, async () => {}, { connection }))
      // So that the rounds differ in how far the next look is away.
      await pause(STALLED_MS / ROUNDS)
    }
    const exited = once(child, 'exit')
    const startMs = performance.now()
    child.kill('SIGKILL')
    await exited
    const atMs = await Promise.all(watched)
    await Promise.all(survivors.map((survivor) => survivor.close()))
    return atMs.map((at) => at - startMs)
  } finally {
    await server.stop()
  }
}

/**
 * The same with the GitLab fetcher, but a cleanup every 5 s instead of every hour: what is left is the
 * 60 s for which its heartbeat counts.
 */
export async function byGitlab(): Promise<number[]> {
  const server = await startRedis()
  const { url } = server
  // All of them: whoever takes the lock of the cleanup sets it for its own interval.
  const options = { cleanup_interval: 5, lease_interval: 1 }
  try {
    const raw = await server.raw()
    const ruby = { url, app: echoApp, reliable: true, options }
    const victims = []
    const watched: Promise<number>[] = []
    for (let round = 0; round < 5; round++) {
      const queue = `q${round}`
      const victim = await startSidekiq({ ...ruby, queues: [queue] })
      await raw.command('LPUSH', `queue:${queue}`, sidekiqJob('EndlessJob', [queue], queue))
      await victim.untilLine(/^endless/)
      victims.push(victim)
      watched.push((await watchRequeue(server, `queue:${queue}`)).requeuedAtMs)
      await pause(4000)
    }
    const survivor = await startSidekiq({ ...ruby, queues: ['other'] })
    await survivor.ready
    const startMs = performance.now()
    await Promise.all(victims.map((victim) => victim.kill()))
    const atMs = await Promise.all(watched)
    await survivor.kill()
    return atMs.map((at) => at - startMs)
  } finally {
    await server.stop()
  }
}
