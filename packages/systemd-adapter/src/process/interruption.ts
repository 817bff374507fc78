/**
 * Aborts at the first SIGINT, SIGTERM or SIGHUP, with an `Error` as its reason. The second one ends the
 * process as it always does, should it not have ended by itself.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => controller.abort(new Error('Interrupted'))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, interrupt)
  return controller.signal
}
