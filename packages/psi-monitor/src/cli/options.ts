/** Every option of every command, as `parseArgs` wants them: one name means one thing everywhere. */
export const OPTIONS = {
  pid: { type: 'string' },
  cgroup: { type: 'string' },
  unit: { type: 'string' },
  user: { type: 'boolean' },
  'working-set': { type: 'string' },
  'memory-max': { type: 'string' },
  'memory-high': { type: 'string' },
  root: { type: 'string' },
  interval: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

type Options = typeof OPTIONS

/** The name of an option, without its dashes. */
export type OptionName = keyof Options

/** The options that were given. */
export type OptionValues = {
  readonly [Name in OptionName]?: Options[Name]['type'] extends 'boolean' ? boolean : string
}

/** The commands, each with the options that it has besides those for all. */
export const COMMANDS = {
  doctor: [],
  watch: ['interval'],
} as const

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS
