import { bullmqSource } from '@worker-recycler/bullmq-adapter'
import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { Worker } from 'bullmq'
import { renderInvoice } from '../invoice.ts'
import { connection, queueName } from '../queue.ts'

const worker = new Worker(queueName, renderInvoice, { connection, concurrency: 4 })
worker.on('failed', (job, error) => console.error(`${job?.name} failed: ${error.message}`))

await createRecycler({ source: bullmqSource(worker), enforcer: forkEnforcer() }).run()
