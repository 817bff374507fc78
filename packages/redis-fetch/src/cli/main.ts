import manifest from '../../package.json' with { type: 'json' }
import { exitProcess } from '../process/exit.ts'
import { interruption } from '../process/interruption.ts'
import { type CommandLine, readArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { Mistake } from './mistake.ts'
import type { CommandName } from './options.ts'
import { NAME, processOutput } from './process-output.ts'

/** Each is loaded when it is asked for: one of them runs between a death and a restart. */
const LOAD: Readonly<Record<CommandName, () => Promise<Command>>> = {
  status: async () => (await import('./status-command.ts')).statusCommand,
  recover: async () => (await import('./recover-command.ts')).recoverCommand,
  quarantine: async () => (await import('./stopped-command.ts')).quarantineCommand,
  dead: async () => (await import('./stopped-command.ts')).deadCommand,
  enqueue: async () => (await import('./enqueue-command.ts')).enqueueCommand,
  adopt: async () => (await import('./adopt-command.ts')).adoptCommand,
  doctor: async () => (await import('./doctor-command.ts')).doctorCommand,
}

const output = processOutput()

/** Runs the command to its end; resolves with the exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const line = readArguments(argv)
  switch (line.kind) {
    case 'help':
      await output.write((await import('./help.ts')).helpOf(line.command))
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
  try {
    const [{ systemClock: clock }, runCommand] = await Promise.all([
      import('@worker-recycler/core'),
      LOAD[command](),
    ])
    return await runCommand({ operands, values, env: process.env, clock, signal, output })
  } catch (error) {
    if (error instanceof Mistake) return refuse(error.message, command)
    const { explainError } = await import('./explain-error.ts')
    await output.tell(signal.aborted ? 'Interrupted' : explainError(error))
    return 1
  }
}

async function refuse(message: string, command?: CommandName): Promise<number> {
  await output.tell(`${message}; see ${[NAME, command, '--help'].filter(Boolean).join(' ')}`)
  return 2
}

main(process.argv.slice(2)).then(exitProcess, async (error: unknown) => {
  await output.tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
  exitProcess(1)
})
