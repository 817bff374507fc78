import type { Finding } from '@worker-recycler/core'
import { fileFindings } from './files.ts'
import type { FindingInput } from './finding-input.ts'
import { type Found, joinFindings } from './found.ts'
import { hookFindings } from './hooks.ts'
import { legacyFindings } from './legacy.ts'
import { memoryFindings } from './memory.ts'
import { restartFindings } from './restarts.ts'
import { shadowFindings } from './shadows.ts'
import { unitFindings } from './units.ts'

const ALL: readonly ((input: FindingInput) => readonly Found[])[] = [
  unitFindings,
  fileFindings,
  hookFindings,
  shadowFindings,
  legacyFindings,
  memoryFindings,
  restartFindings,
]

/** Everything that an operator should know of a plan. */
export function findingsOf(input: FindingInput): readonly Finding[] {
  return joinFindings(ALL.flatMap((find) => find(input)))
}
