import { readFacts } from '../host/read-facts.ts'
import { systemdHost } from '../systemd-host.ts'
import type { CommandContext } from './command.ts'
import { explainText } from './explain-text.ts'
import { hostOptionsOf, hostSettingsOf } from './host-options.ts'
import { hostText } from './plan-text.ts'
import { unitArgument } from './unit-argument.ts'

/** `explain`: which file sets what for each unit; 1 where there is no such unit. Changes nothing. */
export async function explainCommand({
  operands,
  values,
  signal,
  output,
}: CommandContext): Promise<number> {
  const unit = unitArgument(operands[0])
  const settings = hostSettingsOf(values)
  const explanations = await systemdHost(hostOptionsOf(values)).explain(unit, { signal })
  if (values.json) await output.json(explanations)
  else {
    const facts = await readFacts({ target: unit }, settings, { signal })
    const headline = `${unit}, ${hostText(facts)}`
    await output.write(explainText(explanations, headline, facts.memoryBytes))
  }
  return explanations.some(({ resolution }) => resolution.loadState !== 'not-found') ? 0 : 1
}
