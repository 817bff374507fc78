import { fileURLToPath } from 'node:url'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { close, recover } from './queue.js'
import { logger } from './settings.js'

const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.js', import.meta.url)),
  workers: 2,
  // At the soft limit a worker is replaced in good order, at the hard one it is killed.
  limits: { softBytes: 400_000_000, hardBytes: 500_000_000 },
  // A dead worker's jobs are back in their queue before its successor starts.
  onDeath: async ({ identity, cause }, { signal }) => {
    const { recovered } = await recover({ identity, cause }, signal)
    console.log(`${identity} is gone (${cause}): ${recovered.length} jobs put back`)
  },
  logger,
})
supervisor.on('worker:ready', ({ slot, pid }) => console.log(`worker ${slot} ready, pid ${pid}`))
supervisor.on('worker:stopping', ({ slot, leaving }) => {
  console.log(`worker ${slot} leaves (${leaving})`)
})
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
await supervisor.run()
await close()
