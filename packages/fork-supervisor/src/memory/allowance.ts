import type { CancelTimer, Clock, HeadroomRequest } from '@worker-recycler/core'
import type { HeadroomCap } from '../options.ts'
import type { LimitBytes } from './judge-memory.ts'

/** The limits of one worker, with the head-room it was granted for a while. */
export interface Allowance {
  limits(): LimitBytes
  /** Grants as much as the cap allows; a second grant takes the place of the first. */
  grant(request: HeadroomRequest): HeadroomRequest
  stop(): void
}

/** Makes the allowance of a worker. */
export function createAllowance(
  limits: LimitBytes,
  cap: Required<HeadroomCap>,
  clock: Clock,
): Allowance {
  let extraBytes = 0
  let cancel: CancelTimer = () => {}
  const raised = (bytes: number | undefined) => bytes !== undefined && bytes + extraBytes
  return {
    limits: () => {
      const softBytes = raised(limits.softBytes)
      const hardBytes = raised(limits.hardBytes)
      return {
        ...(softBytes !== false && { softBytes }),
        ...(hardBytes !== false && { hardBytes }),
      }
    },
    grant: (request) => {
      const bytes = Math.min(request.bytes, cap.maxBytes)
      const forMs = Math.min(request.forMs, cap.maxMs)
      if (bytes <= 0 || forMs <= 0) return { bytes: 0, forMs: 0 }
      cancel()
      extraBytes = bytes
      cancel = clock.setTimer(forMs, () => {
        extraBytes = 0
      })
      return { bytes, forMs }
    },
    stop: () => cancel(),
  }
}
