import { posix } from 'node:path'
import type { AppliedPlan, CallOptions } from '@worker-recycler/core'
import { withLock } from './lock.ts'
import { isHookUsed } from './own-targets.ts'
import { placeOf } from './place-of.ts'
import type { SystemdPlan } from './plan.ts'
import { isOurName, type PlannedFile } from './planned-file.ts'
import { readState } from './replace-file.ts'
import type { HostSettings } from './settings.ts'
import { settleAgain } from './settle-again.ts'
import { putBack } from './write-files.ts'

/** What became of a revert. */
export interface Reverted {
  readonly restored: readonly string[]
  /** Files that somebody has changed since, or that another service needs: they stay. */
  readonly kept: readonly string[]
}

/**
 * Takes back what is still as it was applied, and reloads once if anything was. Unlike `systemctl
 * revert`, it touches no file of anybody else. When it fails half way it can be repeated.
 */
export async function revert(
  applied: AppliedPlan,
  settings: HostSettings,
  call: CallOptions,
): Promise<Reverted> {
  call.signal.throwIfAborted()
  const plan = applied.plan as AppliedPlan['plan'] & Partial<SystemdPlan>
  return withLock(settings, async () => {
    const restored: string[] = []
    const kept: string[] = []
    // The hook's program stands first, and goes when no drop-in names it any more.
    for (const file of plan.files.toReversed()) {
      const { path, before, after } = file
      const now = await readState(await placeOf(path, settings))
      const isRegular = now?.isRegular !== false
      if (isRegular && now?.text === before) continue
      if (!isRegular || now?.text !== after || (await isNeeded(file, settings))) kept.push(path)
      else {
        await putBack([file], [], settings)
        restored.push(path)
      }
    }
    await putBack([], plan.directories ?? dropInDirectories(restored), settings)
    await settleAgain(plan, restored.length > 0, settings, call)
    return { restored, kept }
  })
}

/** Several services share the hook's program. */
async function isNeeded({ path, before }: PlannedFile, settings: HostSettings): Promise<boolean> {
  return before === undefined && !isOurName(path) && (await isHookUsed(path, settings))
}

/** Where it is not known which ones were made: of drop-ins, an empty one is of no use. */
function dropInDirectories(paths: readonly string[]): readonly string[] {
  const directories = paths.map((path) => posix.dirname(path))
  return [...new Set(directories)].filter((directory) => directory.endsWith('.service.d'))
}
