import type { KeepVerdict, RecycleVerdict, SlowDownVerdict, Verdict } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'

type SoftRecycle = RecycleVerdict & { readonly urgency: 'soft' }
type HardRecycle = RecycleVerdict & { readonly urgency: 'hard' }

/** Nothing to say. */
export const KEEP: KeepVerdict = { action: 'keep', reasons: [] }

/** Take fewer jobs. */
export function slowDown(reasons: readonly Reason[]): SlowDownVerdict {
  return { action: 'slowDown', reasons }
}

/** Recycle when the gates are open. */
export function softRecycle(
  reasons: readonly Reason[],
  heldBy: readonly Reason[] = [],
): RecycleVerdict {
  return { action: 'recycle', urgency: 'soft', reasons, heldBy }
}

/** Recycle now. */
export function hardRecycle(
  reasons: readonly Reason[],
  heldBy: readonly Reason[] = [],
): RecycleVerdict {
  return { action: 'recycle', urgency: 'hard', reasons, heldBy }
}

/** Whether the verdict is a soft recycle, the only one that most gates may hold. */
export function isSoft(verdict: Verdict): verdict is SoftRecycle {
  return verdict.action === 'recycle' && verdict.urgency === 'soft'
}

/** Whether the verdict is a hard recycle. */
export function isHard(verdict: Verdict): verdict is HardRecycle {
  return verdict.action === 'recycle' && verdict.urgency === 'hard'
}

/** Holds a soft recycle for one more reason; every other verdict passes unchanged. */
export function hold(verdict: Verdict, reason: Reason): Verdict {
  return isSoft(verdict) ? softRecycle(verdict.reasons, [...verdict.heldBy, reason]) : verdict
}

/** Orders verdicts: keep, slow down, a recycle that is held, a soft one, a hard one. */
export function strength(verdict: Verdict): number {
  if (verdict.action === 'keep') return 0
  if (verdict.action === 'slowDown') return 1
  if (verdict.heldBy.length > 0) return 2
  return verdict.urgency === 'hard' ? 4 : 3
}

/** The same verdict with other reasons. */
export function withReasons(verdict: Verdict, reasons: readonly Reason[]): Verdict {
  return { ...verdict, reasons }
}
