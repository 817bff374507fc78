import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRecycler } from '@worker-recycler/core'
import { fileFetch, fileQueue } from '@worker-recycler/file-fetch'
import {
  createForkSupervisor,
  forkEnforcer,
  isForkSupervised,
} from '@worker-recycler/fork-supervisor'

const dir = 'queue'

/** What the jobs forget to let go of: a leak on purpose, to see a worker recycle. */
const leak: Buffer[] = []

// One file, two programs: the supervisor starts this file again, as each of its workers.
await (isForkSupervised() ? work() : supervise())

async function work(): Promise<void> {
  const source = fileFetch({
    dir,
    concurrency: 2,
    handlers: {
      greet: async ({ payload }, { signal }) => {
        await wait(1000, undefined, { signal })
        leak.push(Buffer.alloc(10_000_000, 1))
        console.log(`${process.pid}: Hello, ${String(payload)}`)
      },
    },
  })
  await createRecycler({ source, enforcer: forkEnforcer() }).run()
}

async function supervise(): Promise<void> {
  const queue = fileQueue({ dir })
  const supervisor = createForkSupervisor({
    script: fileURLToPath(import.meta.url),
    workers: 2,
    limits: { softBytes: 150_000_000, hardBytes: 300_000_000 },
    // Before the successor starts, what the dead worker held is back in the queue.
    onDeath: async ({ identity, cause }, call) => {
      const { recovered } = await queue.recover({ identity, cause }, call)
      console.log(`${identity} is gone (${cause}): ${recovered.length} jobs put back`)
    },
  })
  for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => void supervisor.stop())
  for (let guest = 1; guest <= 40; guest += 1) await queue.enqueue('greet', `guest ${guest}`)
  await supervisor.run()
}
