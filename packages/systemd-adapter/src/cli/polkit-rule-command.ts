import { polkitRule } from '../permission/polkit-rule.ts'
import type { CommandContext } from './command.ts'
import { checked, Mistake } from './mistake.ts'
import { unitArgument } from './unit-argument.ts'

/** `polkit-rule`: prints the rule, and where it goes as a comment in front. Changes nothing. */
export async function polkitRuleCommand({
  operands,
  values: { user },
  output,
}: CommandContext): Promise<number> {
  if (typeof user !== 'string') throw new Mistake('`polkit-rule` takes --user NAME')
  const units = operands.map((operand) => unitArgument(operand))
  const rule = checked('--user', () => polkitRule({ user, units }))
  await output.write(
    `// ${WHERE}/50-worker-recycler-${user}.rules, of root, mode 644; polkit reads it by itself.\n${rule}`,
  )
  return 0
}

const WHERE = '/etc/polkit-1/rules.d'
