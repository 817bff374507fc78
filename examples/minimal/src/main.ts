import { fileURLToPath } from 'node:url'
import { fileQueue } from '@worker-recycler/file-fetch'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'

const queue = fileQueue({ dir: 'queue' })
const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.ts', import.meta.url)),
  workers: 2,
  limits: { softBytes: 400_000_000, hardBytes: 500_000_000 },
  onDeath: ({ identity, cause }, call) => queue.recover({ identity, cause }, call),
})
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
await queue.enqueue('greet', 'Ada')
await supervisor.run()
