import type { Layout } from '../layout/layout.ts'

/** Keys that an ACL user needs. */
export interface KeyRule {
  /** As ACL rules have it, after `~`. */
  readonly pattern: string
  /** A key of that pattern that nothing uses, unless the pattern is but one key. */
  readonly sample: string
}

const NOBODY = 'permission-check'

/** The patterns of all keys of a layout. */
export function keyRules(layout: Layout): readonly [KeyRule, ...KeyRule[]] {
  const { fleet } = layout
  const shared = {
    pattern: fleet.workers.replace(/workers$/, '*'),
    sample: fleet.cohort(NOBODY),
  }
  const { wait, scheduled, retry, dead, quarantine } = layout.queue(NOBODY)
  if (layout.name === 'native') {
    // All keys of a queue begin with its name.
    return [shared, { pattern: wait.replace(/permission-check.*/, '*'), sample: wait }]
  }
  const patterns = [
    layout.queue('*').wait,
    layout.workPattern,
    fleet.queues,
    scheduled,
    retry,
    dead,
    quarantine,
    layout.foreignHeartbeat?.('*') ?? [],
  ].flat()
  return [
    shared,
    ...patterns.map((pattern) => ({ pattern, sample: pattern.replaceAll('*', NOBODY) })),
  ]
}
