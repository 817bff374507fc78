import type { DeathCause } from '@worker-recycler/core'

const CAUSES: ReadonlySet<unknown> = new Set<DeathCause>([
  'recycle',
  'stop',
  'memory',
  'signal',
  'crash',
  'unknown',
])

/** Whether stored text is a cause that this version knows. */
export function isDeathCause(value: unknown): value is DeathCause {
  return CAUSES.has(value)
}
