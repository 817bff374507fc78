import { parseArgs } from 'node:util'

/** What the demo is asked to do. */
export interface DemoOptions {
  readonly jobs: number
  readonly workers: number
  readonly kills: number
  readonly seed: number
  /** Undefined: a temporary directory, removed at the end. */
  readonly dir: string | undefined
  readonly json: boolean
}

export const HELP = `Usage: npm run demo -- [options]

A few hundred jobs, workers that leak, some of them killed in the middle of jobs.
At the end an audit of what the jobs themselves wrote down. Exits 1 when a job was
lost or completed twice.

  --jobs N      how many jobs (default 300)
  --workers N   how many worker processes (default 4)
  --kills N     how many workers are killed with SIGKILL (default 5)
  --seed N      makes the same jobs and the same kills again (default 1)
  --dir PATH    keep queue and evidence in this new or empty directory, to look at with ls
  --json        print the audit as one JSON object, and nothing else
  --help        this text`

/** Reads the command line. Throws a TypeError in one sentence for what it does not understand. */
export function parseOptions(argv: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      jobs: { type: 'string', default: '300' },
      workers: { type: 'string', default: '4' },
      kills: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    jobs: count('jobs', values.jobs, 1, 100_000),
    workers: count('workers', values.workers, 1, 64),
    kills: count('kills', values.kills, 0, 1000),
    seed: count('seed', values.seed, 0, 2 ** 31 - 1),
    dir: values.dir,
    json: values.json,
  }
}

function count(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (/^[0-9]+$/.test(text) && value >= min && value <= max) return value
  throw new TypeError(
    `Expected --${name} to be a whole number from ${min} to ${max}, got "${text}"`,
  )
}
