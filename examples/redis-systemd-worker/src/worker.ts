// One instance of the unit: worker.ts orchestrator | worker-N | worker-hosts-queue-N
import { createRecycler, noEnforcer } from '@worker-recycler/core'
import { psiMonitor } from '@worker-recycler/psi-monitor'
import { redisFetch } from '@worker-recycler/redis-fetch'
import { isSystemdService, journalLogger, systemdEnforcer } from '@worker-recycler/systemd-adapter'
import { poolOf, url } from './fleet.ts'
import { handlersOf } from './jobs.ts'

const [instance = ''] = process.argv.slice(2)
const { queues, concurrency } = poolOf(instance)
const logger = journalLogger()

const recycler = createRecycler({
  name: instance,
  source: redisFetch({
    url,
    queues,
    concurrency,
    handlers: handlersOf(instance),
    // The hook tells of each death. One that MemoryHigh slows down must not look dead meanwhile.
    leaseMs: 60_000,
  }),
  monitors: [psiMonitor({ logger })],
  // In a terminal nobody limits or restarts it, and it works all the same.
  enforcer: isSystemdService() ? systemdEnforcer({ logger }) : noEnforcer(),
  // Several start at once with the host: as patient as systemd, which waits for 90 s.
  startMs: 80_000,
  logger,
})
await recycler.run()
