// Enqueues jobs: producer.ts [how many, 20] [how long each takes in ms, 1000]
import { redisQueue } from '@worker-recycler/redis-fetch'
import { logger, type Resize, storage } from './fleet.ts'

const [count = '20', ms = '1000'] = process.argv.slice(2)
const queue = redisQueue({ ...storage, logger })
const results = await queue.enqueueMany(
  Array.from({ length: Number(count) }, (_, index) => {
    const payload: Resize = [`cat-${index + 1}.png`, Number(ms)]
    return { name: 'Resize', payload }
  }),
)
console.log(`${results.length} jobs are in the queue`)
await queue.close()
