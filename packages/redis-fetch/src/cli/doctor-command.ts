import type { CommandContext } from './command.ts'
import { diagnose } from './diagnosis.ts'
import { doctorText } from './doctor-text.ts'
import { noOperands } from './operands.ts'
import { withFleet } from './with-fleet.ts'

/** `doctor`: whether jobs are safe on this server, and how to mend what is not; 1 when there is an error. */
export async function doctorCommand(context: CommandContext): Promise<number> {
  noOperands('doctor', context)
  const { values, output } = context
  return withFleet(context, { patient: false }, async (fleet) => {
    const diagnosis = await diagnose(fleet)
    if (values.json) await output.json(diagnosis)
    else await output.write(doctorText(diagnosis))
    return diagnosis.ok ? 0 : 1
  })
}
