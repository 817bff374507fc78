import type { Clock, DeathCause } from '@worker-recycler/core'
import { causeOf, type DeathRecord } from '../death/death-record.ts'
import { readDeaths } from '../death/spool.ts'
import type { UnitStatus } from '../host/status.ts'
import type { SystemdHost } from '../systemd-host.ts'

/** A death, with its cause in the project's words. */
export interface Death extends DeathRecord {
  readonly cause: DeathCause
}

/** A unit, and the deaths of it that are on record, the oldest first. */
export interface UnitReport extends UnitStatus {
  readonly deaths: readonly Death[]
}

/** Where a status comes from. */
export interface StatusSource {
  readonly host: SystemdHost
  readonly clock: Clock
  readonly spool: string
}

/** What `status` shows. */
export interface StatusReport {
  readonly atEpochMs: number
  readonly units: readonly UnitReport[]
}

/** Reads one service, or the instances of a template; by default all for which files of ours are there. */
export async function readStatus(
  target: string | undefined,
  { host, clock, spool }: StatusSource,
  signal: AbortSignal,
): Promise<StatusReport> {
  const found = await host.status({ signal, ...(target !== undefined && { target }) })
  const units = found.toSorted((a, b) => a.target.localeCompare(b.target, 'en'))
  return {
    atEpochMs: clock.epochMs(),
    units: await Promise.all(
      units.map(async (unit) => ({ ...unit, deaths: await deathsIn(unit.target, spool) })),
    ),
  }
}

/** A death record with its cause. */
export function withCause(record: DeathRecord): Death {
  return { ...record, cause: causeOf(record) }
}

async function deathsIn(unit: string, spool: string): Promise<readonly Death[]> {
  return (await readDeaths(unit, spool)).map((record) => withCause(record))
}
