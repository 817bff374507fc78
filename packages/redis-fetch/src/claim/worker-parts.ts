import type { JobSourceContext } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import type { WorkerFacts } from '../liveness/registration.ts'
import type { ResolvedOptions } from '../options.ts'
import type { RecoveryOptions } from '../recovery/recover-worker.ts'

/** What a worker that is registered is made of. */
export interface WorkerParts {
  readonly fleet: Fleet
  readonly options: ResolvedOptions
  readonly context: JobSourceContext
  readonly facts: WorkerFacts
  readonly recovery: RecoveryOptions
  readonly hasLmovem: boolean
  readonly share: () => number
  /** The server's time when the worker was registered. */
  readonly redisMs: number
}
