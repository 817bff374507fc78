import { isRecyclerError } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import type { CommandContext } from './command.ts'
import { explainError } from './explain-error.ts'
import { Mistake } from './mistake.ts'
import { noOperands } from './operands.ts'
import { durationOf } from './option-value.ts'
import { readReport } from './status-report.ts'
import { statusText } from './status-text.ts'
import { watch } from './watch.ts'
import { withFleet } from './with-fleet.ts'

/** `status`: queues, workers and what they hold, once or again and again. */
export async function statusCommand(context: CommandContext): Promise<number> {
  noOperands('status', context)
  const { values, output } = context
  if (values.interval !== undefined && !values.watch) {
    throw new Mistake('--interval belongs to --watch')
  }
  const everyMs = durationOf('--interval', values.interval, 2000)
  return withFleet(context, { patient: false }, async (fleet) => {
    if (values.watch) await watch(context, everyMs, () => frame(fleet, context))
    else await output.write(await render(fleet, values.json))
    return 0
  })
}

async function render(fleet: Fleet, json = false): Promise<string> {
  const report = await readReport(fleet)
  return json ? `${JSON.stringify(report)}\n` : statusText(report)
}

/** Who watches wants to see when the server is back, too. */
async function frame(fleet: Fleet, { values: { json } }: CommandContext): Promise<string> {
  try {
    return await render(fleet, json)
  } catch (error) {
    if (!isRecyclerError(error, 'STORAGE_UNREACHABLE')) throw error
    const sentence = explainError(error)
    return `${json ? JSON.stringify({ error: sentence }) : `${sentence}; trying again`}\n`
  }
}
