// Enqueues jobs: producer.js [how many, 40] [how long each takes in ms, 1000]
import { close, queue } from './queue.js'

const [count = '40', ms = '1000'] = process.argv.slice(2)
const jobs = await queue.addBulk(
  Array.from({ length: Number(count) }, (_, index) => ({
    name: 'resize',
    data: { image: `cat-${index + 1}.png`, ms: Number(ms) },
  })),
)
console.log(`${jobs.length} jobs are in the queue`)
await close()
