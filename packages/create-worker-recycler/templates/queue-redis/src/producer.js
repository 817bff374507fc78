// Enqueues jobs: producer.js [how many, 40] [how long each takes in ms, 1000]
import { close, queue } from './queue.js'

const [count = '40', ms = '1000'] = process.argv.slice(2)
const results = await queue.enqueueMany(
  Array.from({ length: Number(count) }, (_, index) => ({
    name: 'resize',
    payload: { image: `cat-${index + 1}.png`, ms: Number(ms) },
  })),
)
console.log(`${results.length} jobs are in the queue`)
await close()
