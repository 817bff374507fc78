import { recover } from '../recovery/recover.ts'
import type { CommandContext } from './command.ts'
import { noOperands } from './operands.ts'
import { durationOf, wholeOf } from './option-value.ts'
import { NAME } from './process-output.ts'
import { readCause, readWhom } from './recover-request.ts'
import { tellRecovered } from './tell-recovered.ts'
import { withFleet } from './with-fleet.ts'

const LEASE_MS = 12_000

/**
 * `recover`: puts back what a dead worker held. Running it again, or for a worker that left cleanly,
 * does nothing and is no failure. Loads nothing that it does not need: its caller waits for it before
 * it starts the next worker.
 */
export async function recoverCommand(context: CommandContext): Promise<number> {
  noOperands('recover', context)
  const { values, signal } = context
  const whom = readWhom(context)
  const cause = readCause(context)
  const leaseMs = durationOf('--lease', values.lease, LEASE_MS)
  const maxInterruptions = wholeOf('--max-interruptions', values['max-interruptions'], 3)
  return withFleet(context, { patient: true }, async (fleet) => {
    const findDead = async (): Promise<readonly string[]> => {
      const { watchLeases } = await import('./watch-leases.ts')
      return watchLeases(fleet, leaseMs, context)
    }
    const request = whom.kind === 'dead' ? { cause } : { cause, ...whom }
    const options = { maxInterruptions, by: NAME }
    const { recovered } = await recover(fleet, request, findDead, options, signal)
    if (values.json) await context.output.json({ cause, recovered })
    else await tellRecovered(context.output, recovered)
    return 0
  })
}
