import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { ForkSupervisor } from '@worker-recycler/fork-supervisor'
import type { RedisQueue } from '@worker-recycler/redis-fetch'

/**
 * Answers `/live` and `/ready` with 200 or 503, and a sentence.
 * - live: no worker is given up. What only a restart of the container mends is a failure, Redis is not.
 * - ready: Redis has a worker of this container that takes jobs, and its lease is in force.
 */
export async function serveProbes(
  supervisor: ForkSupervisor,
  queue: RedisQueue,
  port: number,
): Promise<Server> {
  const whyNotLive = () => {
    const { phase, slots } = supervisor.status()
    if (phase !== 'running') return undefined
    const lost = slots.find(({ state }) => state === 'broken' || state === 'stopped')
    return lost && `worker ${lost.slot} is not started again`
  }

  const whyNotReady = async () => {
    const { phase, slots } = supervisor.status()
    if (phase !== 'running') return `the supervisor is ${phase}`
    try {
      const own = new Set(slots.map(({ identity }) => identity))
      const { workers } = await queue.status()
      const working = workers.filter(
        ({ identity, state }) => own.has(identity) && state === 'working',
      )
      return working.length > 0 ? undefined : 'no worker of this container takes jobs'
    } catch (error) {
      return `Redis does not answer: ${String(error)}`
    }
  }

  const answer = async (path: string | undefined) =>
    path === '/live' ? whyNotLive() : await whyNotReady()

  const server = createServer((request, response) => {
    void answer(request.url).then((failure) => {
      response.writeHead(failure ? 503 : 200).end(`${failure ?? 'yes'}\n`)
    })
  }).listen(port)
  await once(server, 'listening')
  return server
}
