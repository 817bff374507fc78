/**
 * Sends a POSIX signal to a worker that is known not to have been reaped yet. Its process group goes
 * with it where it leads one, so that programs which a job started do not outlive the job. Returns
 * whether anybody was there.
 */
export function killWorker(pid: number, name: 'SIGTERM' | 'SIGKILL'): boolean {
  if (name === 'SIGKILL' && process.platform !== 'win32' && send(-pid, name)) return true
  return send(pid, name)
}

function send(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
