import { Worker } from 'bullmq'
import { renderInvoice } from '../invoice.ts'
import { connection, queueName } from '../queue.ts'

const worker = new Worker(queueName, renderInvoice, { connection, concurrency: 4 })
worker.on('failed', (job, error) => console.error(`${job?.name} failed: ${error.message}`))

for (const name of ['SIGTERM', 'SIGINT']) process.once(name, () => void worker.close())
