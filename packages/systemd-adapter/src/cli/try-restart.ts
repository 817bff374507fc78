import { isRecyclerError } from '@worker-recycler/core'
import type { HostSettings } from '../host/settings.ts'
import { explainError } from './explain-error.ts'

/** How a restart ended. */
export interface Restarted {
  readonly unit: string
  readonly ok: boolean
  /** Why it failed, and what to do. */
  readonly sentence?: string
}

/** Restarts a unit if it runs, and waits until it has drained and is up again, however long that takes. */
export async function tryRestart(
  unit: string,
  { manager, scope }: Pick<HostSettings, 'manager' | 'scope'>,
  signal: AbortSignal,
): Promise<Restarted> {
  try {
    await manager.tryRestart(unit, { signal })
    return { unit, ok: true }
  } catch (error) {
    if (!isRecyclerError(error)) throw error
    return {
      unit,
      ok: false,
      sentence: reasonOf(unit, error, scope === 'user' ? 'systemctl --user' : 'systemctl'),
    }
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
