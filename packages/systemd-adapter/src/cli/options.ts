/** Every option of every command, as `parseArgs` wants them: one name means one thing everywhere. */
export const OPTIONS = {
  // But in `polkit-rule`, where the manager is always the system's: there it names the user.
  user: { type: 'boolean' },
  runtime: { type: 'boolean' },
  root: { type: 'string' },
  'systemd-version': { type: 'string' },
  cgroup: { type: 'string' },
  max: { type: 'string' },
  high: { type: 'string' },
  low: { type: 'string' },
  min: { type: 'string' },
  'swap-max': { type: 'string' },
  instance: { type: 'string', multiple: true },
  'oom-policy': { type: 'string' },
  recycle: { type: 'boolean' },
  'restart-policy': { type: 'string' },
  'stop-timeout': { type: 'string' },
  pressure: { type: 'boolean' },
  'pressure-threshold': { type: 'string' },
  notify: { type: 'boolean' },
  hook: { type: 'boolean' },
  'hook-path': { type: 'string' },
  'recover-command': { type: 'string' },
  spool: { type: 'string' },
  order: { type: 'string' },
  'below-usage': { type: 'boolean' },
  'replace-edited': { type: 'boolean' },
  yes: { type: 'boolean' },
  restart: { type: 'boolean' },
  receipt: { type: 'string' },
  watch: { type: 'boolean' },
  interval: { type: 'string' },
  follow: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

type Options = typeof OPTIONS

/** The name of an option, without its dashes. */
export type OptionName = keyof Options

/** The options that were given. */
export type OptionValues = {
  readonly [Name in OptionName]?: Name extends 'user'
    ? boolean | string
    : Options[Name] extends { readonly multiple: true }
      ? string[]
      : Options[Name]['type'] extends 'boolean'
        ? boolean
        : string
}

/** A command: which options it has besides those for all, and how many units it takes. */
interface Shape {
  readonly options: readonly OptionName[]
  readonly units: readonly [least: number, most: number]
}

const HOST = ['user', 'runtime'] as const
const IMAGE = ['root', 'systemd-version', 'cgroup'] as const
const LIMITS = ['max', 'high', 'low', 'min', 'swap-max', 'instance', 'oom-policy'] as const
const RECYCLING = [
  'recycle',
  'restart-policy',
  'stop-timeout',
  'pressure',
  'pressure-threshold',
  'notify',
  'hook',
  'hook-path',
  'recover-command',
  'spool',
] as const
const REQUEST = [...LIMITS, ...RECYCLING, 'order', 'below-usage', 'replace-edited'] as const

/** The name of a command. */
export type CommandName =
  | 'plan'
  | 'apply'
  | 'revert'
  | 'status'
  | 'explain'
  | 'doctor'
  | 'deaths'
  | 'polkit-rule'

/** The commands. */
export const COMMANDS: Readonly<Record<CommandName, Shape>> = {
  plan: { options: [...HOST, ...IMAGE, ...REQUEST, 'json'], units: [1, 1] },
  apply: {
    options: [...HOST, ...IMAGE, ...REQUEST, 'yes', 'restart', 'receipt', 'json'],
    units: [1, 1],
  },
  revert: { options: [...HOST, ...IMAGE, 'yes', 'receipt', 'json'], units: [1, 1] },
  status: { options: ['user', 'spool', 'watch', 'interval', 'json'], units: [0, 1] },
  explain: { options: ['user', ...IMAGE, 'json'], units: [1, 1] },
  doctor: { options: [...HOST, ...IMAGE, 'json'], units: [0, 1] },
  deaths: { options: ['spool', 'follow', 'json'], units: [1, 1] },
  'polkit-rule': { options: ['user'], units: [1, Infinity] },
}
