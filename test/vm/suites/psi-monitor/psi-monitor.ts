import type { GuestSuite } from '../../suite.ts'
import { eventsCheck } from './events.ts'
import { leaksCheck } from './leaks.ts'
import { legacyCheck, raisedLimitCheck, sliceCheck } from './limits.ts'
import { pageCacheCheck } from './page-cache.ts'
import { readOnlyChecks } from './read-only.ts'
import { stallCheck, systemdWatchCheck } from './stalls.ts'

/** That psi-monitor tells of real pressure what the kernel and systemd know. */
export const psiMonitorSuite: GuestSuite = {
  name: 'psi-monitor',
  checks: [
    eventsCheck,
    stallCheck,
    systemdWatchCheck,
    pageCacheCheck,
    sliceCheck,
    raisedLimitCheck,
    leaksCheck,
    ...readOnlyChecks,
    legacyCheck,
  ],
}
