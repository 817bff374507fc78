import { setTimeout as wait } from 'node:timers/promises'
import { createRecycler, type JobContext } from '@worker-recycler/core'
import { fileFetch, type Job } from '@worker-recycler/file-fetch'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { writeMark } from './evidence.ts'
import { keepLedger } from './leaks.ts'
import { DEMO_CONCURRENCY, LEAK_BYTES, MAX_INTERRUPTIONS } from './scene.ts'

const [queueDir = '', evidenceDir = ''] = process.argv.slice(2)

/** What `report` jobs forget to let go of. */
const leak: Buffer[] = []

type Handler = (job: Job, context: JobContext) => Promise<void>

/** Every job writes down, durably, that it started and that it completed: the audit goes by that. */
const witnessed =
  (handle: Handler): Handler =>
  async (job, context) => {
    const { id, name } = job
    writeMark(evidenceDir, recycler.identity, { what: 'started', id, name, atEpochMs: Date.now() })
    await handle(job, context)
    writeMark(evidenceDir, recycler.identity, {
      what: 'completed',
      id,
      name,
      atEpochMs: Date.now(),
    })
  }

const recycler = createRecycler({
  source: fileFetch({
    dir: queueDir,
    concurrency: DEMO_CONCURRENCY,
    maxInterruptions: MAX_INTERRUPTIONS,
    handlers: {
      email: witnessed(() => wait(40)),
      thumbnail: witnessed(async () => {
        const image = Buffer.alloc(1_000_000, 1)
        await wait(80)
        image.fill(2)
      }),
      report: witnessed(async () => {
        leak.push(Buffer.alloc(LEAK_BYTES, 1))
        await wait(60)
      }),
      // Longer than a drain lasts: stops when it is asked to, and is handed back.
      export: witnessed((_job, { signal }) => wait(2500, undefined, { signal })),
    },
  }),
  enforcer: forkEnforcer(),
})

recycler.on('worker:stopped', ({ ledger }) => keepLedger(evidenceDir, ledger))
await recycler.run()
