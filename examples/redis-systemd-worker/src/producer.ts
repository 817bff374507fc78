// Enqueues jobs: producer.ts [how many, 40] [queue, default] [work as JSON, {"ms":1000}]
import { redisQueue } from '@worker-recycler/redis-fetch'
import { url } from './fleet.ts'
import type { Work } from './jobs.ts'

const [count = '40', queue = 'default', json = '{"ms":1000}'] = process.argv.slice(2)
const work = JSON.parse(json) as Partial<Work>
const jobs = redisQueue({ url })
const results = await jobs.enqueueMany(
  Array.from({ length: Number(count) }, (_, index) => {
    const payload: Work = { ...work, name: `${work.name ?? queue}-${index + 1}` }
    return { name: 'work', payload, queue }
  }),
)
console.log(`${results.length} jobs are in the queue ${queue}`)
await jobs.close()
