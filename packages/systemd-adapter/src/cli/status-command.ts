import { isRecyclerError } from '@worker-recycler/core'
import { systemdHost } from '../systemd-host.ts'
import type { CommandContext } from './command.ts'
import { durationOf } from './duration.ts'
import { explainError } from './explain-error.ts'
import { glyphsFor } from './glyphs.ts'
import { hostOptionsOf } from './host-options.ts'
import { jsonText } from './json-text.ts'
import { Mistake } from './mistake.ts'
import { spoolOf } from './spool-option.ts'
import { readStatus, type StatusReport } from './status-report.ts'
import { statusLines } from './status-text.ts'
import { unitArgument } from './unit-argument.ts'
import { textOf, watch } from './watch.ts'

/** `status`: units with their memory, limits, restarts and deaths, once or again and again. */
export async function statusCommand(context: CommandContext): Promise<number> {
  const { operands, values, env, clock, signal, output } = context
  const target = operands[0] === undefined ? undefined : unitArgument(operands[0])
  if (values.interval !== undefined && !values.watch) {
    throw new Mistake('--interval belongs to --watch')
  }
  const everyMs = durationOf('--interval', values.interval ?? '2s')
  const from = { host: systemdHost(hostOptionsOf(values)), clock, spool: spoolOf(values) }
  const read = () => readStatus(target, from, signal)
  const glyphs = glyphsFor(env)
  const lines = (report: StatusReport) => (width: number) =>
    values.json ? [jsonText(report)] : statusLines(report, target, glyphs, width)
  if (values.watch) {
    await watch(context, everyMs, async () => {
      try {
        return lines(await read())
      } catch (error) {
        // Who watches wants to see when systemd answers again, too.
        if (!isRecyclerError(error)) throw error
        const sentence = explainError(error)
        return () => [values.json ? jsonText({ error: sentence }) : `${sentence}; trying again`]
      }
    })
    return 0
  }
  await output.write(textOf(lines(await read())(output.screen()?.columns ?? Infinity)))
  return 0
}
