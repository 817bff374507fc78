import type { SystemdFacts } from '../host/facts.ts'
import { featuresOf } from '../host/features.ts'

/** Something that a systemd can do for a worker, or cannot. */
export interface FeatureReport {
  readonly name: string
  readonly can: boolean
  /** What it is good for, or what is done without it. */
  readonly sentence: string
}

/** What this systemd can do for us, on this hierarchy. */
export function featureList(
  facts: Pick<SystemdFacts, 'version' | 'hierarchy'>,
): readonly FeatureReport[] {
  const has = featuresOf(facts)
  const v2 = facts.hierarchy === 'unified'
  const needs = (version: number, needsV2 = false) =>
    needsV2 && !v2 ? 'needs cgroup v2' : `needs systemd ${version}`
  const list: readonly (readonly [name: string, can: boolean, yes: string, no: string])[] = [
    ['MemoryMax', has.memoryMax, 'the hard limit', 'MemoryLimit= is written instead'],
    [
      'MemoryHigh, MemoryLow',
      has.high,
      'throttling above a limit, protection below one',
      needs(231, true),
    ],
    ['MemorySwapMax', has.swapMax, 'keeps a unit out of swap', needs(232, true)],
    ['MemoryMin', has.min, 'protection without exception', needs(240, true)],
    [
      'OOMPolicy',
      has.oomPolicy,
      'a death by memory is told from others, and leaves no half-dead worker',
      `${needs(243, true)}: a death by memory looks like any SIGKILL`,
    ],
    [
      'limits at once',
      has.reloadApplies,
      'a reload brings a changed limit to the kernel',
      'a reload brings no changed limit to the kernel: `apply` sets it by set-property as well',
    ],
    ['RestartSteps', has.restartSteps, 'restarts after crashes back off', needs(254)],
    [
      'MemoryPressureWatch',
      has.pressureWatch,
      'the worker hears of memory pressure (--pressure)',
      needs(254, true),
    ],
    [
      'OpenFile',
      has.openFile,
      'the worker speaks to systemd without a helper process (--notify)',
      needs(253),
    ],
    ['ends are told', has.endIsTold, 'death records say how a worker ended (--hook)', needs(232)],
  ]
  return list.map(([name, can, yes, no]) => ({ name, can, sentence: can ? yes : no }))
}
