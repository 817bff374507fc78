import { setTimeout as wait } from 'node:timers/promises'
import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { redisCoordinator, redisFetch } from '@worker-recycler/redis-fetch'
import { logger, type Resize, url, workers } from './fleet.ts'

const say = (line: string) => console.log(`  ${process.pid}  ${line}`)

const recycler = createRecycler({
  source: redisFetch({
    url,
    concurrency: 4,
    handlers: {
      resize: async ({ payload }, { signal, delivery }) => {
        const { image, ms } = payload as Resize
        say(`begins ${image}${delivery.count > 1 ? `, run ${delivery.count}` : ''}`)
        // A job that heeds its signal is handed back in time when its worker has to leave.
        await wait(ms, undefined, { signal })
        say(`done   ${image}`)
      },
    },
  }),
  enforcer: forkEnforcer(),
  // Of all workers on all hosts that share this server, a quarter recycles at once.
  coordinator: redisCoordinator({ url, logger }),
  cohort: { name: 'resizers', size: workers },
  logger,
})
await recycler.run()
