import { systemClock } from '@worker-recycler/core'
import manifest from '../../package.json' with { type: 'json' }
import { exitProcess } from '../process/exit.ts'
import { interruption } from '../process/interruption.ts'
import { applyCommand } from './apply-command.ts'
import { type CommandLine, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { deathsCommand } from './deaths-command.ts'
import { doctorCommand } from './doctor-command.ts'
import { explainCommand } from './explain-command.ts'
import { explainError } from './explain-error.ts'
import { helpOf } from './help.ts'
import { Mistake } from './mistake.ts'
import type { CommandName } from './options.ts'
import { planCommand } from './plan-command.ts'
import { polkitRuleCommand } from './polkit-rule-command.ts'
import { NAME, processOutput } from './process-output.ts'
import { revertCommand } from './revert-command.ts'
import { statusCommand } from './status-command.ts'

const RUN: Readonly<Record<CommandName, Command>> = {
  plan: planCommand,
  apply: applyCommand,
  revert: revertCommand,
  status: statusCommand,
  explain: explainCommand,
  doctor: doctorCommand,
  deaths: deathsCommand,
  'polkit-rule': polkitRuleCommand,
}

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

async function run(line: CommandLine & { readonly kind: 'run' }): Promise<number> {
  const { command, operands, values } = line
  const signal = interruption()
  const { env } = process
  try {
    return await RUN[command]({ operands, values, env, clock: systemClock, signal, output })
  } catch (error) {
    if (error instanceof Mistake) return refuse(error.message, command)
    await output.tell(signal.aborted ? 'Interrupted' : explainError(error))
    return 1
  }
}

async function refuse(message: string, command?: CommandName): Promise<number> {
  await output.tell(`${message}; see ${[NAME, command, '--help'].filter(Boolean).join(' ')}`)
  return 2
}

main(process.argv.slice(2)).then(exitProcess, async (error: unknown) => {
  await output.tell(explainError(error))
  exitProcess(1)
})
