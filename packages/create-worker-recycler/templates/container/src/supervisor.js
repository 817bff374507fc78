import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { close, recover } from './queue.js'
import { logger } from './settings.js'

const workers = Number(process.env.WORKERS ?? 2)
// The container's memory, less what this process needs. Without a limit it is the host's.
const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity) - 100_000_000
const shareBytes = Math.floor(memoryBytes / workers)

const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.js', import.meta.url)),
  workers,
  // At the soft limit a worker is replaced in good order, at the hard one it is killed. Both come
  // before the container's own limit, where the kernel would choose whom it kills.
  limits: { limitBytes: shareBytes, soft: 0.75, hard: 0.9 },
  // The container's grace period must be longer.
  stopMs: 30_000,
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
