import { bullmqSource } from '@worker-recycler/bullmq-adapter'
import { Worker } from 'bullmq'
import { bullmq } from '../fetch/bullmq.ts'
import { countdown, type Way } from '../fetch/load.ts'
import { sourceContext, unhurried } from '../redis/source-context.ts'

/** Both ways of working a queue off with BullMQ, made alike. */
export function ways(server: { port: number; concurrency: number }): {
  readonly plain: Way
  readonly adapter: Way
} {
  const { port, concurrency } = server
  const plain = bullmq(server)
  return {
    plain,
    adapter: {
      fill: (jobs) => plain.fill(jobs),
      workOff: async (jobs) => {
        const { begin, tick, done } = countdown(jobs)
        const worker = new Worker('default', async () => begin(), {
          connection: { host: '127.0.0.1', port },
          concurrency,
          removeOnComplete: { count: 0 },
        })
        const source = bullmqSource(worker)
        await source.start(sourceContext(tick), unhurried)
        const tookMs = await done
        await source.stop(unhurried)
        return tookMs
      },
    },
  }
}
