import { fileURLToPath } from 'node:url'
import { recoverWorker } from '@worker-recycler/bullmq-adapter'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { Queue } from 'bullmq'
import { connection, queueName } from '../queue.ts'

const queue = new Queue(queueName, { connection })
const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.ts', import.meta.url)),
  workers: 2,
  limits: { softBytes: 250_000_000, hardBytes: 600_000_000 },
  stopMs: 5000,
  // A dead worker's jobs are back in their queue before its successor starts.
  onDeath: async (death, call) => {
    const { recovered } = await recoverWorker(queue, death, call)
    console.log(`${death.identity} is gone (${death.cause}): ${recovered.length} jobs put back`)
  },
})
supervisor.on('worker:ready', ({ slot, pid }) => console.log(`worker ${slot} ready, pid ${pid}`))
supervisor.on('worker:stopping', ({ slot, leaving }) => {
  console.log(`worker ${slot} leaves (${leaving})`)
})
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
await supervisor.run()
await queue.close()
