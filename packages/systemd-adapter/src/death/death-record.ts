import type { DeathCause } from '@worker-recycler/core'

/** How one invocation of a unit ended, as systemd told the hook. */
export interface DeathRecord {
  readonly unit: string
  /** The invocation that ended: the last part of the worker's identity. */
  readonly invocation: string
  /** `$SERVICE_RESULT`, e.g. `success`, `oom-kill`, `signal`, `exit-code` (systemd.exec(5)). */
  readonly result: string
  /** `exited`, `killed` or `dumped`. */
  readonly exitCode: string
  /** A number, or the name of a signal such as `KILL`. */
  readonly exitStatus: string
  readonly atEpochMs: number
  readonly memoryPeakBytes?: number
  /** OOM kills that the cgroup counted. */
  readonly oomKills?: number
}

/** Reads the text of a record, and the time of its file; undefined for anything else, and for one that was cut off. */
export function parseDeathRecord(text: string, atEpochMs: number): DeathRecord | undefined {
  const values = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const equals = line.indexOf('=')
    const key = line.slice(0, equals)
    if (equals > 0 && !values.has(key)) values.set(key, line.slice(equals + 1))
  }
  const [unit, invocation] = [values.get('unit'), values.get('invocation')]
  if (!unit || !invocation || !/^[0-9a-f]+$/.test(invocation)) return undefined
  const count = (key: string) => {
    const value = values.get(key)
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
  }
  const [peak, kills] = [count('memoryPeakBytes'), count('oomKills')]
  const exitStatus = values.get('exitStatus')
  // What comes after it may be missing, and nothing before.
  if (exitStatus === undefined) return undefined
  return {
    unit,
    invocation,
    result: values.get('result') ?? '',
    exitCode: values.get('exitCode') ?? '',
    exitStatus,
    atEpochMs,
    ...(peak !== undefined && { memoryPeakBytes: peak }),
    ...(kills !== undefined && { oomKills: kills }),
  }
}

/**
 * The cause in core's words. A SIGKILL in a cgroup that counted an OOM kill is one, though systemd
 * does not see it on cgroup v1 or with `OOMPolicy=continue`.
 */
export function causeOf(record: DeathRecord, recycleCode = 75): DeathCause {
  const { result, exitCode, exitStatus, oomKills = 0 } = record
  if (result === 'oom-kill') return 'memory'
  if (exitCode === 'exited') {
    if (exitStatus === String(recycleCode)) return 'recycle'
    return exitStatus === '0' ? 'stop' : 'crash'
  }
  if (exitCode === 'killed' || exitCode === 'dumped') {
    return exitStatus === 'KILL' && oomKills > 0 ? 'memory' : 'signal'
  }
  return 'unknown'
}
