/** Every option of every command, as `parseArgs` wants them: one name means one thing everywhere. */
export const OPTIONS = {
  url: { type: 'string' },
  'url-file': { type: 'string' },
  sentinel: { type: 'string', multiple: true },
  'sentinel-name': { type: 'string' },
  cluster: { type: 'string', multiple: true },
  'password-file': { type: 'string' },
  tls: { type: 'boolean' },
  'tls-ca': { type: 'string' },
  layout: { type: 'string' },
  prefix: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  watch: { type: 'boolean' },
  interval: { type: 'string' },
  invocation: { type: 'string' },
  identity: { type: 'string' },
  dead: { type: 'boolean' },
  lease: { type: 'string' },
  cause: { type: 'string' },
  'from-systemd': { type: 'boolean' },
  'max-interruptions': { type: 'string' },
  queue: { type: 'string' },
  limit: { type: 'string' },
  all: { type: 'boolean' },
  yes: { type: 'boolean' },
  delay: { type: 'string' },
  id: { type: 'string' },
} as const

type Options = typeof OPTIONS

/** The name of an option, without its dashes. */
export type OptionName = keyof Options

/** The options that were given. */
export type OptionValues = {
  readonly [Name in OptionName]?: Options[Name] extends { readonly multiple: true }
    ? string[]
    : Options[Name]['type'] extends 'boolean'
      ? boolean
      : string
}

/** The commands, each with the options that it has besides those for all. */
export const COMMANDS = {
  status: ['watch', 'interval'],
  recover: [
    'invocation',
    'identity',
    'dead',
    'lease',
    'cause',
    'from-systemd',
    'max-interruptions',
  ],
  quarantine: ['queue', 'limit', 'all', 'yes'],
  dead: ['queue', 'limit', 'all', 'yes'],
  enqueue: ['queue', 'delay', 'id'],
  adopt: ['max-interruptions'],
  doctor: [],
} as const

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS
