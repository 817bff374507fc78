import { parseArgs } from 'node:util'
import { HOSTS, type Host, type Queue, QUEUES } from '../choices.ts'
import { Refusal } from '../refusal.ts'

/** What the command line says; what it leaves out is to be asked for. */
export interface Given {
  readonly directory?: string
  readonly name?: string
  readonly queue?: Queue
  readonly host?: Host
  readonly yes: boolean
  readonly json: boolean
  readonly help: boolean
  readonly version: boolean
}

const options = {
  name: { type: 'string' },
  queue: { type: 'string' },
  host: { type: 'string' },
  yes: { type: 'boolean', short: 'y', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const

/** Reads the command line. Throws a `Refusal` that says what is wrong with it. */
export function readArguments(argv: readonly string[]): Given {
  const { positionals, values } = parsed(argv)
  const [directory, ...more] = positionals
  if (more.length > 0) {
    throw new Refusal(`One directory, not ${positionals.length}: ${positionals.join(' ')}`, 2)
  }
  const { name, yes, json, help, version } = values
  const queue = word('--queue', values.queue, QUEUES)
  const host = word('--host', values.host, HOSTS)
  return {
    ...(directory !== undefined && { directory }),
    ...(name !== undefined && { name }),
    ...(queue !== undefined && { queue }),
    ...(host !== undefined && { host }),
    yes,
    json,
    help,
    version,
  }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    // Further sentences are hints about `--` that do not fit an option of ours.
    const message = error instanceof Error ? error.message : String(error)
    throw new Refusal((message.split(/\n|\. To specify/)[0] ?? '').replace(/\.$/, ''), 2)
  }
}

function word<const Word extends string>(
  option: string,
  given: string | undefined,
  words: readonly Word[],
): Word | undefined {
  const known = words.find((each) => each === given)
  if (known !== undefined || given === undefined) return known
  throw new Refusal(`${option} is one of ${words.join(', ')}, not ${JSON.stringify(given)}`, 2)
}
