import type { Clock } from '@worker-recycler/core'

/**
 * Tells whether this process may judge others by their leases. It may not for one lease time after
 * something that could have kept them from renewing, or itself from seeing it: a new connection (the
 * server restarted or failed over, or the network was cut), a stall of its own, a jump of the
 * server's clock.
 */
export interface Judge {
  /** The connection was made anew. */
  connected(): void
  /** A look at the register was answered; the server's clock had jumped by so much since the last. */
  looked(jumpMs: number): void
  /** Whether the leases that have run out may be believed. */
  isFit(): boolean
}

/** Makes a judge that has yet to watch for one lease time. `everyMs`: how often it looks. */
export function createJudge(clock: Clock, leaseMs: number, everyMs: number): Judge {
  let unfitSinceMs = clock.nowMs()
  let lookedAtMs = clock.nowMs()
  const hasStalled = () => clock.nowMs() - lookedAtMs > everyMs + leaseMs / 3
  const begin = () => {
    unfitSinceMs = clock.nowMs()
  }
  return {
    connected: begin,
    looked: (jumpMs) => {
      if (hasStalled() || jumpMs > leaseMs / 3) begin()
      lookedAtMs = clock.nowMs()
    },
    isFit: () => !hasStalled() && clock.nowMs() - unfitSinceMs >= leaseMs,
  }
}
