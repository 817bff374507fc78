import type { DeathRecord } from '../death/death-record.ts'
import { readDeaths } from '../death/spool.ts'
import type { CommandContext } from './command.ts'
import { deathLine } from './death-lines.ts'
import { followDeaths } from './follow-deaths.ts'
import { NAME } from './process-output.ts'
import { spoolOf } from './spool-option.ts'
import { withCause } from './status-report.ts'
import { unitArgument } from './unit-argument.ts'
import { unitsWithRecords } from './units-with-records.ts'

/** `deaths`: how a unit, or the instances of a template, ended; with `--follow` as it happens. */
export async function deathsCommand({
  operands,
  values,
  signal,
  output,
}: CommandContext): Promise<number> {
  const unit = unitArgument(operands[0])
  const spool = spoolOf(values)
  const show = (record: DeathRecord) => {
    const death = withCause(record)
    return values.json ? output.json(death) : output.write(deathLine(death))
  }
  if (values.follow) {
    await followDeaths(unit, { spool, signal }, show)
    return 0
  }
  const names = await unitsWithRecords(unit, spool)
  const lists = await Promise.all(names.map((name) => readDeaths(name, spool)))
  const records = lists.flat().toSorted((a, b) => a.atEpochMs - b.atEpochMs)
  for (const record of records) await show(record)
  if (records.length === 0) {
    await output.tell(
      `no end of ${unit} is on record in ${spool}; records are written once \`${NAME} apply ${unit} --hook\` is in force`,
    )
  }
  return 0
}
