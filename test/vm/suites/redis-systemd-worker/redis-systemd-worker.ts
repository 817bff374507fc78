import type { GuestSuite } from '../../suite.ts'
import { culpritCheck } from './culprit.ts'
import { installCheck } from './install.ts'
import { killCheck } from './kill.ts'
import { recyclesCheck } from './recycles.ts'
import { uninstallCheck } from './uninstall.ts'

/** The example `redis-systemd-worker` where it will live: one story, each check goes on where the last one ended. */
export const redisSystemdWorkerSuite: GuestSuite = {
  name: 'redis-systemd-worker',
  debianPackages: ['redis-server', 'passwd'],
  checks: [installCheck, recyclesCheck, killCheck, culpritCheck, uninstallCheck],
}
