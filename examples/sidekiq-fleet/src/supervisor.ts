import { fileURLToPath } from 'node:url'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { redisQueue } from '@worker-recycler/redis-fetch'
import { logger, storage } from './fleet.ts'

const queue = redisQueue({ ...storage, logger })
const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.ts', import.meta.url)),
  workers: 2,
  limits: { softBytes: 400_000_000, hardBytes: 500_000_000 },
  // Our own dead need neither Ruby nor a lease: their jobs are back before the successor starts.
  onDeath: async (death, call) => {
    const { recovered } = await queue.recover(death, call)
    console.log(`${death.identity} is gone (${death.cause}): ${recovered.length} jobs put back`)
  },
})
supervisor.on('worker:ready', ({ slot, pid }) => console.log(`worker ${slot} ready, pid ${pid}`))
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
await supervisor.run()
await queue.close()
