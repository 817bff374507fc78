import { driftOf } from '../host/drift.ts'
import type { SystemdFacts } from '../host/facts.ts'
import { featuresOf } from '../host/features.ts'
import { effectsFor } from '../host/plan.ts'
import { valueText } from './size-text.ts'

/** Also those that no file sets: a limit may be left over. */
const ALL: ReadonlySet<string> = new Set([
  'MemoryMax',
  'MemoryLimit',
  'MemoryHigh',
  'MemorySwapMax',
])

/** A sentence for each limit that the kernel has otherwise than the files say. Pure. */
export function driftsIn(facts: SystemdFacts): readonly string[] {
  const features = featuresOf(facts)
  const target = facts.units.map(({ name }) => effectsFor({ target: name }, facts))
  const drifts = target
    .flat()
    .flatMap((effect) => driftOf(effect, effect.facts, features, facts.memoryBytes, ALL))
  return drifts.map(({ target: unit, key, wanted, actual }) => {
    const files =
      wanted === 'infinity' ? 'the files ask for none' : `the files say ${valueText(wanted)}`
    return `${unit}: the kernel has ${key}=${valueText(actual)}, ${files}. Restart it, or apply again`
  })
}
