import { systemClock } from '@worker-recycler/core'
import manifest from '../../package.json' with { type: 'json' }
import { exitProcess } from '../process/exit.ts'
import { interruption } from '../process/interruption.ts'
import { type CommandLine, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { doctorCommand } from './doctor-command.ts'
import { Failure } from './failure.ts'
import { helpOf } from './help.ts'
import { Mistake } from './mistake.ts'
import type { CommandName } from './options.ts'
import { NAME, processOutput } from './process-output.ts'
import { watchCommand } from './watch-command.ts'

const RUN: Readonly<Record<CommandName, Command>> = { doctor: doctorCommand, watch: watchCommand }

const output = processOutput()

/** Runs the command to its end; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const line = readArguments(argv)
  switch (line.kind) {
    case 'help':
      await output.write(helpOf(line.command))
      return 0
    case 'version':
      await output.write(`${manifest.version}\n`)
      return 0
    case 'mistake':
      return refuse(line.message, line.command)
    case 'run':
      return run(line)
  }
}

async function run({ command, values }: CommandLine & { readonly kind: 'run' }): Promise<number> {
  const signal = interruption()
  try {
    return await RUN[command]({ values, env: process.env, clock: systemClock, signal, output })
  } catch (error) {
    if (error instanceof Mistake) return refuse(error.message, command)
    await output.tell(signal.aborted ? 'Interrupted' : explain(error))
    return 1
  }
}

/** An error that nobody expects comes with its stack. */
function explain(error: unknown): string {
  if (error instanceof Failure) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

async function refuse(message: string, command?: CommandName): Promise<number> {
  await output.tell(`${message}; see ${[NAME, command, '--help'].filter(Boolean).join(' ')}`)
  return 2
}

main(process.argv.slice(2)).then(exitProcess, async (error: unknown) => {
  await output.tell(explain(error))
  exitProcess(1)
})
