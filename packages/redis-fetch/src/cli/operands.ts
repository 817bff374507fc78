import type { CommandContext } from './command.ts'
import { Mistake } from './mistake.ts'

/** Throws a `Mistake` where a command that takes nothing but options was given more. */
export function noOperands(command: string, { operands }: Pick<CommandContext, 'operands'>): void {
  if (operands.length > 0) throw new Mistake(`\`${command}\` takes options only`)
}
