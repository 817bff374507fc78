import type { Policy, Verdict } from '../contracts/policy.ts'
import type { Reason } from '../contracts/reason.ts'
import { purePolicy } from './pure-policy.ts'
import { isSoft, softRecycle, strength, withReasons } from './verdict.ts'

/**
 * The strongest of several verdicts. Every policy judges every reading, and all reasons are kept.
 * A soft recycle is held only when every policy that wants one holds it. Throws a TypeError when
 * there are no policies.
 */
export function anyOf(...policies: readonly Policy[]): Policy {
  expectSome(policies)
  return purePolicy('any-of', (reading, context) =>
    merge(
      policies.map((policy) => policy.judge(reading, context)),
      (a, b) => strength(b) > strength(a),
    ),
  )
}

/**
 * The weakest of several verdicts: all policies must agree. Every policy judges every reading, and
 * all reasons are kept. A soft recycle is held when any policy holds it. Throws a TypeError when
 * there are no policies.
 */
export function allOf(...policies: readonly Policy[]): Policy {
  expectSome(policies)
  return purePolicy('all-of', (reading, context) =>
    merge(
      policies.map((policy) => policy.judge(reading, context)),
      (a, b) => strength(b) < strength(a),
    ),
  )
}

function merge(verdicts: readonly Verdict[], wins: (a: Verdict, b: Verdict) => boolean): Verdict {
  const winner = verdicts.reduce((a, b) => (wins(a, b) ? b : a))
  const reasons = distinct(verdicts.flatMap((verdict) => verdict.reasons))
  if (isSoft(winner) && winner.heldBy.length > 0) {
    const heldBy = verdicts.flatMap((verdict) => (isSoft(verdict) ? verdict.heldBy : []))
    return softRecycle(reasons, distinct(heldBy))
  }
  return withReasons(winner, reasons)
}

/** Two policies may say the same of one reading; once is enough. */
function distinct(reasons: readonly Reason[]): Reason[] {
  return reasons.filter(
    (reason, index) =>
      reasons.findIndex((r) => r.code === reason.code && r.message === reason.message) === index,
  )
}

function expectSome(policies: readonly Policy[]): void {
  if (policies.length === 0) throw new TypeError('Expected `policies` to be at least one, got none')
}
