// The container's main process: a recycle or a kill of a worker is not a restart of the container.
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { fileURLToPath } from 'node:url'
import { createForkSupervisor } from '@worker-recycler/fork-supervisor'
import { redisQueue } from '@worker-recycler/redis-fetch'
import { serveProbes } from './probes.ts'
import { limitBytes, logger, probePort, stopMs, url, workers } from './settings.ts'

const heapMib = Math.floor((0.7 * limitBytes) / 1024 / 1024)
const queue = redisQueue({ url, logger })
const supervisor = createForkSupervisor({
  script: fileURLToPath(new URL('worker.ts', import.meta.url)),
  workers,
  stopMs,
  // A worker is asked to recycle at 0.80 of it, and killed at 0.92.
  limits: { limitBytes },
  // V8 has to collect before the worker comes to its limit.
  execArgv: [...process.execArgv, `--max-old-space-size=${heapMib}`],
  // Should the whole container die, the next one of this host name takes over what its workers held.
  onSpawn: (child, { slot }) => void child.send({ name: `${hostname()}-${slot}` }),
  // A dead worker's jobs are back in their queue before its successor starts.
  onDeath: async ({ identity, cause }, call) => {
    const { recovered } = await queue.recover({ identity, cause }, call)
    console.log(`${identity} is gone (${cause}): ${recovered.length} jobs put back`)
  },
})
supervisor.on('worker:ready', ({ slot, pid }) => console.log(`worker ${slot} ready, pid ${pid}`))
supervisor.on('worker:stopping', ({ slot, leaving }) => {
  console.log(`worker ${slot} leaves (${leaving})`)
})
supervisor.on('worker:killed', ({ slot, reason }) =>
  console.log(`worker ${slot} killed (${reason})`),
)
for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())

const probes = await serveProbes(supervisor, queue, probePort)
const { port } = probes.address() as AddressInfo
const limitMib = Math.floor(limitBytes / 1024 / 1024)
console.log(`${hostname()}: workers of ${limitMib} MiB, probes on port ${port}`)
await supervisor.run()
probes.close()
await queue.close()
