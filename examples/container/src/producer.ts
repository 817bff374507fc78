// Enqueues jobs: producer.ts [how many, 40] [how long each takes in ms, 1000] [MiB that each leaks, 0]
import { redisQueue } from '@worker-recycler/redis-fetch'
import { logger, type Resize, url } from './settings.ts'

const [count = '40', ms = '1000', leakMib = '0'] = process.argv.slice(2)
const queue = redisQueue({ url, logger })
const results = await queue.enqueueMany(
  Array.from({ length: Number(count) }, (_, index) => {
    const image = `cat-${index + 1}.png`
    const payload: Resize = { image, ms: Number(ms), leakMib: Number(leakMib) }
    return { name: 'resize', payload }
  }),
)
console.log(`${results.length} jobs are in the queue`)
await queue.close()
