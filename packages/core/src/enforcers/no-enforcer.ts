import { CONTRACT } from '../contracts/adapter.ts'
import type { Enforcer } from '../contracts/enforcer.ts'

/** Stands in where no supervisor is known: nothing kills the worker, nobody restarts it. */
export function noEnforcer(): Enforcer {
  return {
    kind: 'enforcer',
    name: 'no-enforcer',
    contract: CONTRACT,
    supports: {
      lastExit: false,
      ledger: false,
      extendStop: false,
      headroom: false,
      requests: false,
      host: false,
    },
    stopBudget: () => Promise.resolve({ ms: Infinity, from: 'no supervisor' }),
    limits: () => Promise.resolve({ from: 'no supervisor' }),
    lastExit: () => Promise.resolve(undefined),
    ready: () => Promise.resolve(),
    stopping: () => Promise.resolve(),
  }
}
