/** The POSIX signals that ask a worker to stop, unless an application names others. */
export const STOP_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT']

/** Takes the handlers off again. Idempotent. */
export type Uninstall = () => void

/** Listens to this process's stop requests. */
export type StopRequests = (onRequest: (name: NodeJS.Signals) => void) => Uninstall

/** Installs handlers on this process; nothing is installed before the call. */
export function stopRequests(signals: readonly NodeJS.Signals[] = STOP_SIGNALS): StopRequests {
  return (onRequest) => {
    for (const name of signals) process.on(name, onRequest)
    return () => {
      for (const name of signals) process.off(name, onRequest)
    }
  }
}
