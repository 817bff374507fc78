import type { GuestSuite } from '../../suite.ts'
import { busyCheck, killedCheck, refusedCheck } from './below-usage.ts'
import { inForceCheck } from './in-force.ts'
import { legacyCheck } from './legacy.ts'
import { originCheck } from './origin.ts'
import { precedenceCheck } from './precedence.ts'
import { reloadFaultCheck } from './reload-fault.ts'
import { userManagerCheck } from './user-manager.ts'

/** That the host's side of systemd-adapter does what it says, by its command, on a real systemd and kernel. */
export const systemdHostSuite: GuestSuite = {
  name: 'systemd-host',
  checks: [
    precedenceCheck,
    legacyCheck,
    inForceCheck,
    reloadFaultCheck,
    refusedCheck,
    killedCheck,
    busyCheck,
    originCheck,
    userManagerCheck,
  ],
}
