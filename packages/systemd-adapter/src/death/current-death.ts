import { systemClock } from '@worker-recycler/core'
import { type Environment, readService } from '../worker/environment.ts'
import type { DeathRecord } from './death-record.ts'
import { readDeath, SPOOL } from './spool.ts'

/**
 * The death that this process is there for: a program that systemd runs by `ExecStopPost=`, as the
 * recover command of the hook. It is the record that the hook has just written; where there is none, what
 * systemd tells by the environment (systemd.exec(5)), which has no count of OOM kills. Throws
 * NO_SUPERVISOR elsewhere.
 */
export async function currentDeath(
  options: {
    /** Defaults to `process.env`. */
    readonly env?: Environment
    /** Where the hook writes. Defaults to `/run/worker-recycler/deaths`. */
    readonly spool?: string
    /** The text of `/proc/self/cgroup`. Defaults to that file. */
    readonly cgroupText?: string
  } = {},
): Promise<DeathRecord> {
  const { env = process.env, spool = SPOOL, cgroupText } = options
  const { unit, invocation } = readService(env, cgroupText)
  const written = await readDeath(unit, invocation, spool)
  if (written) return written
  const {
    SERVICE_RESULT: result = '',
    EXIT_CODE: exitCode = '',
    EXIT_STATUS: exitStatus = '',
  } = env
  return { unit, invocation, result, exitCode, exitStatus, atEpochMs: systemClock.epochMs() }
}
