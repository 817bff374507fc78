import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a record as the hook does: as a whole, under the name of its invocation. */
export function record(
  spool: string,
  unit: string,
  {
    atEpochSec = 1,
    ...values
  }: Readonly<Record<string, string | number>> & {
    readonly invocation: string
    readonly atEpochSec?: number
  },
): void {
  const all = {
    unit,
    result: 'oom-kill',
    exitCode: 'killed',
    exitStatus: 'KILL',
    ...values,
  }
  const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
  const directory = join(spool, unit)
  const part = join(directory, `.${values.invocation}`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(part, lines.join(''))
  utimesSync(part, atEpochSec, atEpochSec)
  renameSync(part, join(directory, values.invocation))
}
