/** Exit codes after a stop request, as shells have them. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** Aborts at the first stop request; the exit code that goes with it is the reason. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => stop.abort(CODES[name]))
  }
  return stop.signal
}

/** Ends the process once its output is written. */
export function exitProcess(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}
