/** A signal that aborts after so long; it keeps no process alive. */
export function timeLimit(ms: number): AbortSignal {
  return AbortSignal.timeout(ms)
}
