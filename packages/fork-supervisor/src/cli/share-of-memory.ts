import { totalmem } from 'node:os'

/** What one of `workers` may use of the memory of this container, or of the host where it has no limit. */
export function shareOfMemory(workers: number): number {
  // 0, or more than there is, when the container has no limit.
  const constrained = process.constrainedMemory()
  const total = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return Math.floor(total / workers)
}
