import type { AppliedPlan, CallOptions, Drift } from '@worker-recycler/core'
import { withLock } from './lock.ts'
import { assertAcceptable, type SystemdPlan } from './plan.ts'
import type { PlannedFile } from './planned-file.ts'
import type { HostSettings } from './settings.ts'
import { settleAgain } from './settle-again.ts'
import { settle } from './settle.ts'
import { findChanged, putBack, stuckError, writeFiles } from './write-files.ts'

/** A plan that was applied, and what is not in force all the same. */
export interface SystemdApplied extends AppliedPlan {
  readonly plan: SystemdPlan
  /** Limits that the kernel does not enforce although everything was tried; each unit still runs. */
  readonly notInForce: readonly Drift[]
  /** How often systemd was asked to read its files again: once, or never when nothing changed. */
  readonly reloads: number
}

/**
 * Applies a plan: every file, then manager and kernel; see `settle`. All or nothing: after a failure
 * files are as they were, and so are manager and kernel as far as they let themselves be asked.
 */
export async function apply(
  plan: SystemdPlan,
  settings: HostSettings,
  call: CallOptions,
): Promise<SystemdApplied> {
  call.signal.throwIfAborted()
  assertAcceptable(plan)
  return withLock(settings, async () => {
    const changed = await findChanged(plan.files, settings)
    const done: PlannedFile[] = []
    let isAsked = false
    try {
      await writeFiles(changed, done, settings)
      call.signal.throwIfAborted()
      isAsked = true
      const settled = await settle(plan.effects, changed.length > 0, plan, settings, call)
      return { plan, appliedAtEpochMs: settings.clock.epochMs(), ...settled }
    } catch (cause) {
      await putAllBack(plan, done, cause, settings)
      if (isAsked && done.length > 0) {
        // The caller's signal may be what has ended this; and the first failure is the one to tell of.
        const { signal } = new AbortController()
        await settleAgain(plan, true, settings, { signal }).catch(() => {})
      }
      throw cause
    }
  })
}

async function putAllBack(
  plan: SystemdPlan,
  done: readonly PlannedFile[],
  cause: unknown,
  settings: HostSettings,
): Promise<void> {
  try {
    await putBack(done, plan.directories, settings)
  } catch {
    throw stuckError(cause, done)
  }
}
