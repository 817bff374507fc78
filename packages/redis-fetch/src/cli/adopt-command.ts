import { createAdopter } from '../recovery/adopt.ts'
import type { CommandContext } from './command.ts'
import { noOperands } from './operands.ts'
import { wholeOf } from './option-value.ts'
import { NAME } from './process-output.ts'
import { tellRecovered } from './tell-recovered.ts'
import { withFleet } from './with-fleet.ts'

/** `adopt`: puts back lists whose holders are registered nowhere. Costs a SCAN of the database. */
export async function adoptCommand(context: CommandContext): Promise<number> {
  noOperands('adopt', context)
  const { values, output, signal } = context
  const maxInterruptions = wholeOf('--max-interruptions', values['max-interruptions'], 3)
  return withFleet(context, { patient: false }, async (fleet) => {
    const adopter = createAdopter(fleet, { maxInterruptions, by: NAME })
    const recovered = await adopter.adopt(signal)
    if (values.json) await output.json({ recovered })
    else await tellRecovered(output, recovered)
    return 0
  })
}
