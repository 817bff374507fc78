// Enqueues jobs: producer.ts [how many, 40] [how long each takes in ms, 1000] [what each leaks in MB, 0]
import { Queue } from 'bullmq'
import type { Invoice } from './invoice.ts'
import { connection, queueName } from './queue.ts'

const [count = '40', ms = '1000', leakMegabytes = '0'] = process.argv.slice(2)
const data: Invoice = { ms: Number(ms), leakBytes: Number(leakMegabytes) * 1e6 }
const queue = new Queue<Invoice>(queueName, { connection })
const jobs = await queue.addBulk(
  Array.from({ length: Number(count) }, (_, index) => ({ name: `invoice-${index + 1}`, data })),
)
console.log(`${jobs.length} jobs are in the queue`)
await queue.close()
