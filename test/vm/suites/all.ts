import type { GuestSuite } from '../suite.ts'
import { machine } from './machine.ts'
import { psiMonitorSuite } from './psi-monitor/psi-monitor.ts'
import { redisSystemdWorkerSuite } from './redis-systemd-worker/redis-systemd-worker.ts'
import { systemdHostSuite } from './systemd-host/systemd-host.ts'
import { systemdWorkerSuite } from './systemd-worker/systemd-worker.ts'

/** Every suite, in the order in which they run. */
export const SUITES: readonly GuestSuite[] = [
  machine,
  psiMonitorSuite,
  systemdHostSuite,
  systemdWorkerSuite,
  redisSystemdWorkerSuite,
]
