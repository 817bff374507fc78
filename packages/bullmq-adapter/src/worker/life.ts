import type { JobSourceContext, LeaseTable } from '@worker-recycler/core'
import type { Turnstile } from './turnstile.ts'

/** What all workers of a source share from its start on. */
export interface Life {
  readonly context: JobSourceContext
  readonly table: LeaseTable
  readonly turnstile: Turnstile
  /** Aborts when the source stops. */
  readonly stopped: AbortSignal
  /** This worker was declared dead. */
  readonly fenced: () => void
}
