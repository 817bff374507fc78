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
  | { readonly kind: 'run'; readonly command: CommandName; readonly values: OptionValues }
  /** A mistake, in one sentence. */
  | { readonly kind: 'mistake'; readonly message: string; readonly command?: CommandName }

/** Reads the command line: one command, and options anywhere. */
export function readArguments(argv: readonly string[]): CommandLine {
  let parsed
  try {
    parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // Further lines are hints about `--` that do not fit an option of ours.
    const [message = ''] = String(error instanceof Error ? error.message : error).split('\n')
    return { kind: 'mistake', message: (message.split('. To specify')[0] ?? '').replace(/\.$/, '') }
  }
  const { values, positionals } = parsed
  const [command, ...operands] = positionals
  if (values.version) return { kind: 'version' }
  if (command !== undefined && !isCommand(command)) {
    return { kind: 'mistake', message: `${JSON.stringify(command)} is no command` }
  }
  if (values.help) return { kind: 'help', ...(command && { command }) }
  if (command === undefined) return { kind: 'mistake', message: 'No command was given' }
  if (operands.length > 0) {
    return { kind: 'mistake', message: `\`${command}\` takes options only`, command }
  }
  const stray = strayOption(command, values)
  if (stray) {
    return { kind: 'mistake', message: `\`${command}\` has no option --${stray}`, command }
  }
  return { kind: 'run', command, values }
}

function strayOption(command: CommandName, values: OptionValues): OptionName | undefined {
  const owners: Readonly<Record<string, readonly OptionName[]>> = COMMANDS
  const own = owners[command] ?? []
  const others = new Set(Object.values(owners).flat())
  const given = Object.keys(values) as OptionName[]
  return given.find((name) => others.has(name) && !own.includes(name))
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
