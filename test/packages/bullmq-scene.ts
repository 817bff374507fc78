import { Queue } from 'bullmq'
import { withoutRedis } from '../redis/redis-binary.ts'
import { startRedis } from '../redis/redis-server.ts'
import type { ExampleScene } from './example-runs.ts'
import { NotHere } from './not-here.ts'

/** A server with a job for the example of bullmq-adapter. */
export async function bullmqScene(): Promise<ExampleScene> {
  const reason = withoutRedis()
  if (reason !== undefined) throw new NotHere(reason)
  const server = await startRedis()
  const queue = new Queue('paint', { connection: { host: server.host, port: server.port } })
  await queue.add('paint', {})
  return {
    edits: [['port: 6379', `port: ${server.port}`]],
    done: async () => (await queue.getCompletedCount()) === 1,
    close: async () => {
      await queue.close()
      await server.stop()
    },
  }
}
