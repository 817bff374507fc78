import type { Drift } from '@worker-recycler/core'
import type { SystemdApplied } from '../host/apply.ts'
import type { UnitEffect } from '../host/effects.ts'
import { effectsFor } from '../host/plan.ts'
import { readFacts } from '../host/read-facts.ts'
import type { HostSettings } from '../host/settings.ts'
import { readDrift } from '../host/settle.ts'
import type { Restarted } from './try-restart.ts'

/** What became of an apply. */
export interface AppliedReport {
  readonly applied: SystemdApplied
  /** Each unit as it is now, with what the kernel has. */
  readonly effects: readonly UnitEffect[]
  /** What the kernel does not enforce all the same. */
  readonly notInForce: readonly Drift[]
  /** Units that ran before and run no more: a limit below what they used kills. */
  readonly ended: readonly string[]
  readonly restarted: readonly Restarted[]
  /** Running units whose turn to be restarted did not come, since the one before failed. */
  readonly skipped: readonly string[]
  readonly receipt: string
  /** The command that takes it back. */
  readonly takeBack: string
}

/** Reads what is in force after an apply, and after restarts if there were any. */
export async function readApplied(
  applied: SystemdApplied,
  settings: HostSettings,
  signal: AbortSignal,
  isRestarted: boolean,
): Promise<Pick<AppliedReport, 'effects' | 'notInForce' | 'ended'>> {
  const { plan, notInForce } = applied
  const effects = effectsFor(plan.request, await readFacts(plan.request, settings, { signal }))
  const running = new Set(runningOf(effects))
  return {
    effects,
    ended: runningOf(plan.effects).filter((unit) => !running.has(unit)),
    notInForce: isRestarted ? await readDrift(plan, settings, { signal }) : notInForce,
  }
}

/** The units that run. */
export function runningOf(effects: readonly UnitEffect[]): readonly string[] {
  return effects.filter(({ facts }) => facts?.isActive).map(({ unit }) => unit)
}
