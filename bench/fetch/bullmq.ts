import { Queue, Worker } from 'bullmq'
import { countdown, PAYLOAD, type Way } from './load.ts'

const QUEUE = 'default'
const AT_ONCE = 500

/** Works jobs off with BullMQ, which removes them as we do. */
export function bullmq({ port, concurrency }: { port: number; concurrency: number }): Way {
  const connection = { host: '127.0.0.1', port }
  return {
    fill: async (jobs) => {
      const queue = new Queue(QUEUE, { connection })
      for (let start = 0; start < jobs; start += AT_ONCE) {
        await queue.addBulk(
          Array.from({ length: Math.min(AT_ONCE, jobs - start) }, () => ({
            name: 'noop',
            data: PAYLOAD,
          })),
        )
      }
      await queue.close()
    },
    workOff: async (jobs) => {
      const { begin, tick, done } = countdown(jobs)
      const worker = new Worker(QUEUE, async () => begin(), {
        connection,
        concurrency,
        removeOnComplete: { count: 0 },
      })
      worker.on('completed', tick)
      const tookMs = await done
      await worker.close()
      return tookMs
    },
  }
}
