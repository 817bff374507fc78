import type { CallOptions } from '@worker-recycler/core'
import type { UnitEffect } from './effects.ts'
import { effectsFor } from './plan.ts'
import { readFacts } from './read-facts.ts'
import type { HostSettings } from './settings.ts'

/** What is in force for one unit, and why. */
export interface Explanation extends UnitEffect {
  readonly version: number
}

/** Explains a service, every instance of a template, or one instance: as the files are now. */
export async function explain(
  target: string,
  settings: HostSettings,
  call: CallOptions,
): Promise<readonly Explanation[]> {
  const facts = await readFacts({ target }, settings, call)
  const { version } = facts
  return effectsFor({ target }, facts).map((effect) => ({ ...effect, version }))
}
