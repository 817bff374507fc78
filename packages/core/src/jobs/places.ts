/**
 * How many jobs may run at once under a throttle: a share (0 to 1) of the usual number, rounded down. A
 * worker that may work at all can run one.
 */
export function places(concurrency: number, share: number): number {
  if (share <= 0) return 0
  return Math.max(1, Math.floor(concurrency * Math.min(1, share)))
}
