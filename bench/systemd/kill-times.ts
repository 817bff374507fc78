import type { Entry } from '../../packages/systemd-adapter/test/container/kit/journal.ts'

const US_PER_MS = 1000

/**
 * The monotonic ms at which an entry was sent: the journal knows when by the clock of the day, and both
 * clocks when it arrived.
 */
export function sentAtMs(entry: Entry): number {
  const us = (field: string) => Number(entry[field])
  const onItsWayUs = us('__REALTIME_TIMESTAMP') - us('_SOURCE_REALTIME_TIMESTAMP')
  return (us('__MONOTONIC_TIMESTAMP') - onItsWayUs) / US_PER_MS
}

/** The monotonic ms at which the main process was started, as `systemctl show` tells it. */
export function startedAtMs(shown: Readonly<Record<string, string>>): number {
  return Number(shown['ExecMainStartTimestampMonotonic']) / US_PER_MS
}
