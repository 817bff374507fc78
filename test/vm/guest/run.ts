import { execFile } from 'node:child_process'

/** Runs a command without a shell; resolves with its stdout, and rejects with its stderr. */
export type Run = (command: string, args: readonly string[]) => Promise<string>

/** Commands that end with the signal. */
export const runUnder =
  (signal: AbortSignal): Run =>
  (command, args) =>
    new Promise((resolve, reject) => {
      execFile(command, [...args], { signal, encoding: 'utf8' }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout)
        else if (signal.aborted) reject(signal.reason)
        else reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`))
      })
    })
