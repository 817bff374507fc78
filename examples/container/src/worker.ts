import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { psiMonitor } from '@worker-recycler/psi-monitor'
import { redisCoordinator, redisFetch } from '@worker-recycler/redis-fetch'
import { logger, type Resize, url, workers } from './settings.ts'

// The supervisor's first message: the name that this worker's successor will have, too.
const [{ name }] = (await once(process, 'message')) as [{ readonly name: string }]
const say = (line: string) => console.log(`  ${name}  ${line}`)
const leaked: Buffer[] = []

const recycler = createRecycler({
  source: redisFetch({
    url,
    name,
    concurrency: 4,
    handlers: {
      resize: async ({ payload }, { signal, delivery }) => {
        const { image, ms, leakMib } = payload as Resize
        say(`begins ${image}${delivery.count > 1 ? `, run ${delivery.count}` : ''}`)
        if (leakMib > 0) leaked.push(Buffer.alloc(leakMib * 1024 * 1024, 1))
        // A job that heeds its signal is handed back in time when its worker has to leave.
        await wait(ms, undefined, { signal })
        say(`done   ${image}`)
      },
    },
  }),
  // The container's cgroup, which all its workers share, and this process alone.
  monitors: [psiMonitor({ logger })],
  enforcer: forkEnforcer(),
  // Of all workers that share this server, a quarter recycles at once, and at least one.
  coordinator: redisCoordinator({ url, logger }),
  cohort: { name: 'resizers', size: workers },
  name,
  logger,
})
await recycler.run()
