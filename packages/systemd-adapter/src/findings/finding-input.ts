import type { ConcernInput } from '../concerns/concern.ts'
import type { DropIns } from '../host/drop-ins.ts'
import type { UnitEffect } from '../host/effects.ts'

/** What findings are drawn from. */
export interface FindingInput extends ConcernInput, Omit<DropIns, 'left'> {
  /** Files with a name of ours that are wanted no more and are not ours. */
  readonly left?: readonly string[]
  /** As it will be: the target itself, or each instance. */
  readonly effects: readonly UnitEffect[]
}
