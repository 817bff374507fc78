import { CONTRACT } from '../contracts/adapter.ts'
import type { Policy } from '../contracts/policy.ts'

/** Makes a policy of a pure function. */
export function purePolicy(name: string, judge: Policy['judge']): Policy {
  return { kind: 'policy', name, contract: CONTRACT, supports: {}, judge }
}
