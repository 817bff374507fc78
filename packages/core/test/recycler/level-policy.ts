import { CONTRACT } from '../../src/contracts/adapter.ts'
import type { Policy, Verdict } from '../../src/contracts/policy.ts'
import type { Reason } from '../../src/contracts/reason.ts'

const because = (code: string): readonly Reason[] => [{ code, message: `Memory is ${code}` }]

/** Judges by one reading alone: slow down from 700 bytes on, soft from 800, hard from 920. */
export function levelPolicy(heldBy: () => readonly Reason[] = () => []): Policy {
  return {
    kind: 'policy',
    name: 'level',
    contract: CONTRACT,
    supports: {},
    judge: ({ usedBytes = 0 }): Verdict => {
      if (usedBytes >= 920) {
        return { action: 'recycle', urgency: 'hard', reasons: because('critical'), heldBy: [] }
      }
      if (usedBytes >= 800) {
        return { action: 'recycle', urgency: 'soft', reasons: because('high'), heldBy: heldBy() }
      }
      if (usedBytes >= 700) return { action: 'slowDown', reasons: because('elevated') }
      return { action: 'keep', reasons: [] }
    },
  }
}
