import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Arguments {
  readonly machines: readonly string[]
  readonly suites: readonly string[]
  readonly json: boolean
  readonly rebuild: boolean
  readonly help: boolean
}

/** The names that the command line can choose from. */
export type Known = Pick<Arguments, 'machines' | 'suites'>

/** The text of `--help`. */
export const helpText = ({ machines, suites }: Known): string => `\
Usage: npm run test:vm [-- OPTION...]

Boots virtual machines with a real systemd and runs the checks of test/vm/suites in them.

  --machine NAME   this machine alone; may be repeated: ${machines.join(', ')}
  --only SUITE     this suite alone; may be repeated: ${suites.join(', ')}
  --json           print one JSON object: { machines: [{ machine, systemd, cgroup, checks }] }
  --rebuild        build the images anew, with what Debian serves today
  --help           this text

Exit codes: 0 all is well, 1 a check failed, 2 the command was misused or this host cannot run it.`

/** Reads the command line; throws an error that says what is wrong with it. */
export function readArguments(args: readonly string[], known: Known): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      machine: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      rebuild: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { json, rebuild, help } = values
  const machines = chosen('--machine', values.machine, known.machines)
  return { machines, suites: chosen('--only', values.only, known.suites), json, rebuild, help }
}

/** Those that were asked for, in the order of the known ones; all of them when none was. */
function chosen(
  option: string,
  asked: readonly string[] | undefined,
  known: readonly string[],
): readonly string[] {
  const stranger = asked?.find((name) => !known.includes(name))
  if (stranger !== undefined) {
    throw new TypeError(`${option}: expected one of ${known.join(', ')}, got ${stranger}`)
  }
  return known.filter((name) => asked?.includes(name) ?? true)
}
