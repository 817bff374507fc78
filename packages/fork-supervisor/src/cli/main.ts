import { isRecyclerError, systemClock } from '@worker-recycler/core'
import manifest from '../../package.json' with { type: 'json' }
import { createForkSupervisor } from '../fork-supervisor.ts'
import type { ForkSupervisorOptions } from '../options.ts'
import { exitProcess } from '../process/exit.ts'
import { onStopRequests } from '../process/stop-requests.ts'
import { readArguments } from './arguments.ts'
import { HELP } from './help.ts'
import { tellEvents } from './tell-events.ts'

const NAME = 'worker-recycler-fork'

/** Runs the command to its end; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  // A reader that goes away must not end the supervisor.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  const line = readArguments(argv)
  switch (line.kind) {
    case 'help':
      process.stdout.write(HELP)
      return 0
    case 'version':
      process.stdout.write(`${manifest.version}\n`)
      return 0
    case 'mistake':
      process.stderr.write(`${NAME}: ${line.message}; see ${NAME} --help\n`)
      return 2
    case 'run':
      return await supervise(line.options, line.json)
  }
}

async function supervise(options: ForkSupervisorOptions, json: boolean): Promise<number> {
  const supervisor = createForkSupervisor(options)
  tellEvents(supervisor, {
    json,
    epochMs: () => systemClock.epochMs(),
    write: (text) =>
      void (json ? process.stdout.write(`${text}\n`) : process.stderr.write(`${NAME}: ${text}\n`)),
  })
  onStopRequests((count) => {
    if (count === 1) void supervisor.stop()
    else void supervisor.stop({ force: count === 2 ? 'abort' : 'kill' })
  })
  try {
    await supervisor.run()
    return 0
  } catch (error) {
    if (!isRecyclerError(error)) throw error
    process.stderr.write(`${NAME}: ${error.message}\n`)
    return 1
  }
}

main(process.argv.slice(2)).then(exitProcess, (error: unknown) => {
  process.stderr.write(`${NAME}: ${error instanceof Error ? error.stack : String(error)}\n`)
  exitProcess(1)
})
