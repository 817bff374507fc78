import { execFile } from 'node:child_process'
import { type CallOptions, RecyclerError } from '@worker-recycler/core'

/** A manager that does not answer for so long does not answer. */
const ANSWER_MS = 60_000
const MOST_BYTES = 64 * 1024 * 1024

/**
 * Runs a program with its arguments as they are: no shell. Resolves with its output. Rejects with
 * NO_SUPERVISOR, NOT_PERMITTED, TIMED_OUT or SUPERVISOR_FAILED, each with what the program said.
 */
export function runCommand(
  program: string,
  args: readonly string[],
  { signal }: CallOptions,
  answerMs: number = ANSWER_MS,
): Promise<string> {
  signal.throwIfAborted()
  const options = {
    signal,
    timeout: answerMs,
    maxBuffer: MOST_BYTES,
    env: { ...process.env, LC_ALL: 'C', SYSTEMD_COLORS: '0' },
  }
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout)
      else if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : error)
      else reject(explain(program, args, error, stderr.trim()))
    })
  })
}

const FORBIDDEN = /authentication required|Access denied|Permission denied|not permitted/i
const ABSENT = /not been booted with systemd|Failed to connect to|No medium found|not defined/

function explain(
  program: string,
  args: readonly string[],
  cause: Error,
  said: string,
): RecyclerError {
  const line = [program, ...args.filter((arg) => !arg.startsWith('--no-'))].join(' ')
  const error = (code: RecyclerError['code'], text: string) =>
    new RecyclerError(code, `[systemd-adapter] ${text}`, { cause })
  if ('code' in cause && cause.code === 'ENOENT') {
    return error('NO_SUPERVISOR', `There is no ${program} here: limits cannot be enforced`)
  }
  if ('killed' in cause && cause.killed === true && !('code' in cause && cause.code)) {
    return error('TIMED_OUT', `\`${line}\` did not answer in time. Is the manager stuck?`)
  }
  const failed = `\`${line}\` failed: ${said || cause.message}`
  const sentence = failed.replace(/\.$/, '')
  if (FORBIDDEN.test(said)) {
    return error(
      'NOT_PERMITTED',
      `${sentence}. Do it as root, or allow it to this user by a polkit rule: \`worker-recycler-systemd polkit-rule --help\``,
    )
  }
  if (ABSENT.test(said)) {
    return error('NO_SUPERVISOR', `${sentence}. Without systemd limits cannot be enforced`)
  }
  return error('SUPERVISOR_FAILED', failed)
}
