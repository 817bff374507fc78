import { fileURLToPath } from 'node:url'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { redisQueue } from '@worker-recycler/redis-fetch'
import { logger, url, workers } from './fleet.ts'

const queue = redisQueue({ url, logger })
const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.ts', import.meta.url)),
  workers,
  limits: { softBytes: 400_000_000, hardBytes: 500_000_000 },
  // A dead worker's jobs are back in their queue before its successor starts.
  onDeath: async ({ identity, cause }, call) => {
    const beganMs = performance.now()
    const { recovered } = await queue.recover({ identity, cause }, call)
    const tookMs = Math.round(performance.now() - beganMs)
    console.log(`${identity} is gone (${cause}): ${recovered.length} jobs put back in ${tookMs} ms`)
  },
})
supervisor.on('worker:ready', ({ slot, pid }) => console.log(`worker ${slot} ready, pid ${pid}`))
supervisor.on('worker:stopping', ({ slot, leaving }) => {
  console.log(`worker ${slot} leaves (${leaving})`)
})
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
await supervisor.run()
await queue.close()
