import { checkId, checkJobName, checkQueueName } from '../layout/queue-name.ts'
import { createEnqueue } from '../queue/enqueue.ts'
import type { CommandContext } from './command.ts'
import { checked, Mistake } from './mistake.ts'
import { durationOf } from './option-value.ts'
import { withFleet } from './with-fleet.ts'

/** `enqueue`: adds one job. One whose id is there already is no failure: nothing was to be added. */
export async function enqueueCommand(context: CommandContext): Promise<number> {
  const { operands, values, output } = context
  const [name, text, ...more] = operands
  if (name === undefined || more.length > 0) {
    throw new Mistake('`enqueue` takes a name and a payload in JSON')
  }
  checked('NAME', () => checkJobName(name))
  const { queue = 'default', id } = values
  checked('--queue', () => checkQueueName(queue))
  if (id !== undefined) checked('--id', () => checkId(id))
  const isSidekiq = values.layout === 'sidekiq'
  const payload = text === undefined ? (isSidekiq ? [] : null) : parsed(text)
  if (isSidekiq && !Array.isArray(payload)) {
    throw new Mistake('PAYLOAD is a list of arguments in the layout of Sidekiq, such as [1,"a"]')
  }
  const delayMs = durationOf('--delay', values.delay, 0)
  return withFleet(context, { patient: false }, async (fleet) => {
    const job = { name, payload, queue, delayMs, ...(id !== undefined && { id }) }
    const [result] = await createEnqueue(fleet)([job])
    if (values.json) await output.json(result)
    else if (result?.outcome === 'duplicate') {
      await output.write(`${result.id} is there already: nothing was enqueued\n`)
    } else await output.write(`${result?.id}\n`)
    return 0
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Mistake(`PAYLOAD is JSON, such as {"to":"Ada"} or '"text"'`)
  }
}
