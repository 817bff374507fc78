import { execFile } from 'node:child_process'

/** Parses what `ps -o rss= -p PID` prints: kibibytes (POSIX leaves the unit open; BSD, macOS and procps agree). */
export function parsePs(text: string): number | undefined {
  const match = /^\s*(\d+)\s*$/.exec(text)
  return match ? Number(match[1]) * 1024 : undefined
}

/** Asks `ps` for the resident memory of a process: for hosts without procfs, when the worker is silent. */
export function readPs(pid: number, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], { signal }, (error, stdout) =>
      resolve(error ? undefined : parsePs(stdout)),
    )
  })
}
