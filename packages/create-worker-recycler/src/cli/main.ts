import { fileURLToPath } from 'node:url'
import { type Choices, DEFAULTS } from '../choices.ts'
import { projectFiles } from '../project-files.ts'
import { Refusal } from '../refusal.ts'
import { version } from '../versions.ts'
import { writeProject } from '../write-project.ts'
import { type Given, readArguments } from './arguments.ts'
import { HELP } from './help.ts'
import { nextSteps } from './next-steps.ts'
import { type Place, placeOf } from './place.ts'
import { exitProcess, stopSignal } from './process.ts'
import { type Answers, ask, CANCELLED } from './questions.ts'

const NAME = 'create-worker-recycler'
// The same from src/cli and from dist/cli.
const templates = fileURLToPath(new URL('../../templates', import.meta.url))

/** Runs the command to its end; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const given = readArguments(argv)
  if (given.help || given.version) {
    process.stdout.write(given.help ? HELP : `${version}\n`)
    return 0
  }
  // Before the first question: a mistake should not cost anybody three answers.
  if (given.directory !== undefined) placeOf(given.directory, given.name)
  const stop = stopSignal()
  const answers = await settle(given, stop)
  if (answers === CANCELLED || stop.aborted) {
    process.stderr.write(`${NAME}: cancelled; nothing was written\n`)
    return typeof stop.reason === 'number' ? stop.reason : 130
  }
  const { queue, host } = answers
  const place = placeOf(answers.directory, given.name)
  write({ name: place.name, queue, host }, place, given.json)
  return 0
}

/** What was given, and else the defaults, or what somebody answers. */
async function settle(given: Given, signal: AbortSignal): Promise<Answers | typeof CANCELLED> {
  const { name, queue, host } = given
  const directory = given.directory ?? (given.yes ? name?.replace(/^@[^/]*\//, '') : undefined)
  if (directory !== undefined && queue && host) return { directory, queue, host }
  if (given.yes) {
    const known = {
      ...(directory && { directory }),
      ...(queue && { queue }),
      ...(host && { host }),
    }
    return { ...DEFAULTS, ...known }
  }
  if (process.stdin.isTTY && process.stderr.isTTY) {
    return ask(given, { output: process.stderr, signal })
  }
  const missing = [
    ...(directory === undefined ? ['DIRECTORY'] : []),
    ...(queue === undefined ? ['--queue'] : []),
    ...(host === undefined ? ['--host'] : []),
  ].join(', ')
  throw new Refusal(
    `There is no terminal to ask in: give ${missing}, or --yes for the defaults (${DEFAULTS.directory}, --queue ${DEFAULTS.queue}, --host ${DEFAULTS.host})`,
    2,
  )
}

function write(choices: Choices, { directory }: Place, json: boolean): void {
  const files = projectFiles(choices, templates)
  writeProject(directory, files)
  const report = { directory, ...choices, files: [...files.keys()] }
  process.stdout.write(
    json ? `${JSON.stringify(report, null, 2)}\n` : nextSteps(choices, directory, files.size),
  )
}

main(process.argv.slice(2)).then(exitProcess, (error: unknown) => {
  const isRefusal = error instanceof Refusal
  const words = error instanceof Error ? error.message : String(error)
  const hint = isRefusal && error.exitCode === 2 ? `; see ${NAME} --help` : ''
  process.stderr.write(`${NAME}: ${words}${hint}\n`)
  exitProcess(isRefusal ? error.exitCode : 1)
})
