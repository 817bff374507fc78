import { createRecycler } from '@worker-recycler/core'
import { forkEnforcer } from '@worker-recycler/fork-supervisor'
import { psiMonitor } from '@worker-recycler/psi-monitor'
import { isSystemdService, journalLogger, systemdEnforcer } from '@worker-recycler/systemd-adapter'
import { source } from './jobs.js'
import { logger } from './settings.js'

/** In production: one instance of the unit. */
function underSystemd() {
  const journal = journalLogger()
  return {
    enforcer: systemdEnforcer({ logger: journal }),
    monitors: [psiMonitor({ logger: journal })],
    logger: journal,
  }
}

/** In development: `npm start`. */
const underSupervisor = () => ({ enforcer: forkEnforcer(), logger })

const host = isSystemdService() ? underSystemd() : underSupervisor()
await createRecycler({ source, ...host }).run()
