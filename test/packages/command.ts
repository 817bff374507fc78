import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** A program that was started, and where. */
export interface CommandOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** How a program ended, and what it said. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export async function command(
  [program = '', ...args]: readonly string[],
  { cwd, env = cleanEnvironment(), signal }: CommandOptions,
): Promise<CommandResult> {
  const child = spawn(program, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}

/** Runs a program, and throws with its last words when it fails. */
export async function must(
  words: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const result = await command(words, options)
  if (result.code === 0) return result
  const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n')
  throw new Error(`${words.join(' ')} ended with ${result.code}:\n${said}`)
}

/** This process's environment without what `npm run` and `tsx` put into it. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter(
      ([name]) =>
        !/^(npm_(package|lifecycle)_|npm_config_local_prefix$|NODE_(OPTIONS|PATH)$)/.test(name),
    ),
  )
}
