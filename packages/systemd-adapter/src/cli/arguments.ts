import { parseArgs } from 'node:util'
import {
  type CommandName,
  COMMANDS,
  type OptionName,
  OPTIONS,
  type OptionValues,
} from './options.ts'

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: 'help'; readonly command?: CommandName }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'run'
      readonly command: CommandName
      readonly operands: readonly string[]
      readonly values: OptionValues
    }
  /** A mistake, in one sentence. */
  | { readonly kind: 'mistake'; readonly message: string; readonly command?: CommandName }

/** Reads the command line: one command, its units, and options anywhere. */
export function readArguments(argv: readonly string[]): CommandLine {
  let parsed
  try {
    const options = { ...OPTIONS, user: { type: namesUser(argv) ? 'string' : 'boolean' } } as const
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    // Further lines are hints about `--` that do not fit an option of ours.
    const [message = ''] = String(error instanceof Error ? error.message : error).split('\n')
    return { kind: 'mistake', message: (message.split('. To specify')[0] ?? '').replace(/\.$/, '') }
  }
  const { positionals } = parsed
  const values = parsed.values as OptionValues
  const [command, ...operands] = positionals
  if (values.version) return { kind: 'version' }
  if (command !== undefined && !isCommand(command)) {
    return { kind: 'mistake', message: `${JSON.stringify(command)} is no command` }
  }
  if (values.help) return { kind: 'help', ...(command && { command }) }
  if (command === undefined) return { kind: 'mistake', message: 'No command was given' }
  const message = misfit(command, operands, values)
  if (message !== undefined) return { kind: 'mistake', message, command }
  return { kind: 'run', command, operands, values }
}

/** Elsewhere `--user` has no value. */
function namesUser(argv: readonly string[]): boolean {
  return argv.find((word) => !word.startsWith('-')) === 'polkit-rule'
}

function misfit(
  command: CommandName,
  operands: readonly string[],
  values: OptionValues,
): string | undefined {
  const [least, most] = COMMANDS[command].units
  const own: readonly OptionName[] = COMMANDS[command].options
  const stray = (Object.keys(values) as OptionName[]).find((name) => !own.includes(name))
  if (stray) return `\`${command}\` has no option --${stray}`
  if (operands.length < least) return `\`${command}\` takes the name of a unit`
  if (operands.length > most) return `\`${command}\` takes one unit, not ${operands.length}`
  return undefined
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
