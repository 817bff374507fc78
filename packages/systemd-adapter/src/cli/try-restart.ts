import { isRecyclerError } from '@worker-recycler/core'
import { runCommand } from '../transport/run-command.ts'
import { explainError } from './explain-error.ts'

/** How a restart ended. */
export interface Restarted {
  readonly unit: string
  readonly ok: boolean
  /** Why it failed, and what to do. */
  readonly sentence?: string
}

/** The unit's own `TimeoutStopSec=` and `TimeoutStartSec=` are what limits a restart. */
const NO_LIMIT_MS = 0

/** Restarts a unit if it runs, and waits until it has drained and is up again, however long that takes. */
export async function tryRestart(
  unit: string,
  { isUser, signal }: { readonly isUser: boolean; readonly signal: AbortSignal },
): Promise<Restarted> {
  const systemctl = isUser ? ['systemctl', '--user'] : ['systemctl']
  const [program, ...args] = [...systemctl, '--no-ask-password', 'try-restart', '--', unit]
  try {
    await runCommand(program, args, { signal }, NO_LIMIT_MS)
    return { unit, ok: true }
  } catch (error) {
    if (!isRecyclerError(error)) throw error
    return { unit, ok: false, sentence: reasonOf(unit, error, systemctl.join(' ')) }
  }
}

const TOO_OFTEN = /too often|start-limit|repeated too quickly/

/** systemd counts every start, those by hand too, and leaves a unit down that was started too often. */
function reasonOf(unit: string, error: Error, systemctl: string): string {
  if (TOO_OFTEN.test(error.message)) {
    return `${unit} was started more often than its StartLimitBurst= allows, and is DOWN now. Start it by hand: ${systemctl} reset-failed ${unit} && ${systemctl} start ${unit}`
  }
  return `${unit} did not restart: ${explainError(error)}. Look into it: ${systemctl} status ${unit}`
}
