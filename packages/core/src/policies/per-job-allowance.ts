import type { Lease } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Policy } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { expectNumber } from '../expect-number.ts'
import { bytesText } from './human-units.ts'
import { purePolicy } from './pure-policy.ts'
import { isHard, withReasons } from './verdict.ts'

/** Memory that jobs may use. */
export interface PerJobAllowanceOptions {
  /** Bytes that one run of a job may use while it runs, by job name. */
  readonly byName: Readonly<Record<string, number>>
}

/**
 * Jobs that need much memory, and give it back, are no leak: while they run, their allowance is
 * taken off the memory in use. That is for soft verdicts only; a hard one counts every byte, for
 * the kernel does. Earlier readings are adjusted by the jobs of now that ran then. Throws a
 * TypeError for an allowance that is not a number of bytes.
 */
export function perJobAllowance(inner: Policy, options: PerJobAllowanceOptions): Policy {
  const byName = new Map(Object.entries(options.byName))
  for (const [name, bytes] of byName) expectNumber(`byName.${name}`, bytes, { min: 0 })

  return purePolicy('per-job-allowance', (reading, context) => {
    const whole = inner.judge(reading, context)
    const allowed = context.inFlight.filter((lease) => byName.has(lease.name))
    const allowance = allowanceAt(reading, allowed, byName)
    if (isHard(whole) || allowance === 0) return whole
    const adjust = (past: Reading): Reading =>
      past.usedBytes === undefined
        ? past
        : {
            ...past,
            usedBytes: Math.max(0, past.usedBytes - allowanceAt(past, allowed, byName)),
          }
    const adjusted = adjust(reading)
    const history = [...context.history.slice(0, -1).map(adjust), adjusted]
    const verdict = inner.judge(adjusted, { ...context, history })
    // Less memory cannot press more; a policy that says so is not followed.
    if (isHard(verdict)) return whole
    if (verdict.action === 'keep') return verdict
    const names = [...new Set(allowed.map((lease) => lease.name))].join(', ')
    const reason: Reason = {
      code: 'job_allowance',
      message: `${bytesText(allowance)} are allowed to running jobs (${names}) and not counted`,
    }
    return withReasons(verdict, [...verdict.reasons, reason])
  })
}

function allowanceAt(
  reading: Reading,
  leases: readonly Lease[],
  byName: ReadonlyMap<string, number>,
): number {
  let bytes = 0
  for (const lease of leases) {
    if (lease.startedAtMs <= reading.atMs) bytes += byName.get(lease.name) ?? 0
  }
  return bytes
}
