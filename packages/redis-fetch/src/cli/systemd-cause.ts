import type { DeathCause } from '@worker-recycler/core'

/** The exit code by which a worker asks for a replacement. */
const RECYCLE = '75'

/** `$SERVICE_RESULT` of systemd; what is missing here is unknown. */
const CAUSES: Readonly<Record<string, DeathCause>> = {
  success: 'stop',
  'oom-kill': 'memory',
  signal: 'signal',
  'core-dump': 'signal',
  watchdog: 'signal',
  timeout: 'signal',
  'exit-code': 'crash',
}

/**
 * Why a service ended, by what systemd tells its `ExecStopPost=`. Undefined where it tells nothing. A
 * SIGKILL where the kernel has counted an OOM kill is one: systemd does not hear of each, and of none on
 * cgroup v1.
 */
export function systemdCause(
  env: Readonly<Record<string, string | undefined>>,
  hasOomKill: () => boolean,
): DeathCause | undefined {
  const { SERVICE_RESULT: result, EXIT_CODE: how, EXIT_STATUS: status } = env
  if (!result) return undefined
  // Success as well, where the unit has `SuccessExitStatus=75`.
  const isExit = result === 'exit-code' || (result === 'success' && how === 'exited')
  if (isExit && status === RECYCLE) return 'recycle'
  if (result === 'signal' && status === 'KILL' && hasOomKill()) return 'memory'
  return CAUSES[result] ?? 'unknown'
}
