import type { Adapter, CallOptions } from './adapter.ts'

/** Asks for one of the places in which a member of a cohort may recycle. */
export interface PermitRequest {
  /** Workers of which only so many may recycle at once. */
  readonly cohort: string
  /** How many at once. */
  readonly max: number
  /** After this time the permit lapses, released or not. */
  readonly ttlMs: number
  /**
   * Who asks: the worker's name, which its successor shares, or else its identity. Asking again
   * gives the same permit, not a second one.
   */
  readonly holder: string
}

/** Lets one worker recycle. */
export interface Permit {
  readonly cohort: string
  readonly holder: string
  /** Gives the place back; idempotent. A recycling worker keeps it for its successor to release. */
  release(options: CallOptions): Promise<void>
}

/** What a coordinator may lack. */
export interface CoordinatorSupports {
  /** Permits lapse by themselves. */
  readonly ttl: boolean
}

/** Lets at most so many members of a cohort recycle at once. */
export interface Coordinator extends Adapter<'coordinator', CoordinatorSupports> {
  /** A permit, or null when the cohort's places are taken. Never waits for a place. */
  acquire(request: PermitRequest, options: CallOptions): Promise<Permit | null>
  /** Closes what it opened. Idempotent. */
  stop?(options: CallOptions): Promise<void>
}
