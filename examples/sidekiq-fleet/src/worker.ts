import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { redisFetch } from '@worker-recycler/redis-fetch'
import { logger, type Resize, storage } from './fleet.ts'

/** Appends a line to the journal that the workers of both languages share. */
function note(what: string, image: string): void {
  appendFileSync(process.env['JOURNAL'] ?? 'journal.txt', `${what} ${image} node-${process.pid}\n`)
}

const recycler = createRecycler({
  source: redisFetch({
    ...storage,
    concurrency: 2,
    handlers: {
      // The name of Ruby's class, and the list of its arguments.
      Resize: async ({ payload }, { signal }) => {
        const [image, ms] = payload as Resize
        note('begins', image)
        await wait(ms, undefined, { signal })
        note('done', image)
      },
    },
    // How often dead workers of Ruby are looked for, with a SCAN of the database.
    adoptMs: 10_000,
  }),
  enforcer: forkEnforcer(),
  logger,
})
await recycler.run()
