import { setTimeout as wait } from 'node:timers/promises'
import { bullmqSource, contextOf } from '@worker-recycler/bullmq-adapter'
import { Worker } from 'bullmq'
import { connection, queueName } from './settings.js'

const say = (/** @type {string} */ line) => console.log(`  ${process.pid}  ${line}`)

const worker = new Worker(
  queueName,
  async (job, _token, signal) => {
    const { image, ms } = /** @type {import('./settings.js').Resize} */ (job.data)
    const { count } = contextOf(job).delivery
    say(`begins ${image}${count > 1 ? `, run ${count}` : ''}`)
    // Your work goes here. A job that heeds its signal is handed back when its worker has to leave.
    await wait(ms, undefined, { signal })
    say(`done   ${image}`)
  },
  { connection, concurrency: 4 },
)

// From here on the recycler decides when the worker fetches, and when it closes.
export const source = bullmqSource(worker)
