import { Redis } from 'ioredis'
import { PAYLOAD, type Way } from './load.ts'

const KEY = 'bench:list'
const AT_ONCE = 1000

/** The floor: a plain BRPOP, with one connection for each job that runs at once, and no reliability. */
export function brpop({ port, concurrency }: { port: number; concurrency: number }): Way {
  return {
    fill: async (jobs) => {
      const client = new Redis({ port })
      for (let start = 0; start < jobs; start += AT_ONCE) {
        const some = Array.from({ length: Math.min(AT_ONCE, jobs - start) }, (_, index) =>
          jobOf(start + index),
        )
        await client.lpush(KEY, ...some)
      }
      client.disconnect()
    },
    workOff: async (jobs) => {
      const clients = Array.from({ length: concurrency }, () => new Redis({ port }))
      await Promise.all(clients.map((client) => client.ping()))
      let asked = 0
      const startMs = performance.now()
      await Promise.all(
        clients.map(async (client) => {
          while (asked < jobs) {
            asked += 1
            const reply = await client.brpop(KEY, 5)
            // Reading the job is part of the work.
            JSON.parse(reply?.[1] ?? '')
          }
        }),
      )
      const tookMs = performance.now() - startMs
      for (const client of clients) client.disconnect()
      return tookMs
    },
  }
}

const jobOf = (number: number) =>
  JSON.stringify({
    id: String(number).padStart(24, '0'),
    name: 'noop',
    queue: 'default',
    at: Date.now(),
    payload: PAYLOAD,
  })
