import type { Permit } from '../contracts/coordinator.ts'
import type { ResolvedOptions } from '../options.ts'
import type { Calls } from './calls.ts'

/** A worker's dealings with its coordinator. Without one, every permit is granted. */
export interface Permits {
  /** The permit held now. */
  readonly held: Permit | undefined
  /** Resolves with whether the worker may recycle. A coordinator that cannot be asked refuses. */
  ask(): Promise<boolean>
  /** Gives the permit back: the recycle is not wanted any more. */
  release(): Promise<void>
  /** Gives back the place that the predecessor kept for the time until this process works. */
  releaseInherited(): Promise<void>
}

/** What permits need. */
export interface PermitOptions {
  readonly options: ResolvedOptions
  readonly calls: Calls
  readonly identity: string
  /** The worker's whole budget. */
  readonly budgetMs: number
}

/** On top of the budget, for the successor's start. */
const RESTART_MS = 60_000
const CALL_MS = 5000

/** Makes the permits of one worker. */
export function createPermits({ options, calls, identity, budgetMs }: PermitOptions): Permits {
  const { coordinator, cohort, name } = options
  let held: Permit | undefined

  const acquire = async (): Promise<Permit | null | undefined> => {
    if (!coordinator || !cohort) return undefined
    const request = {
      cohort: cohort.name,
      max: Math.max(1, Math.floor(cohort.size * cohort.maxShare)),
      ttlMs: budgetMs + RESTART_MS,
      holder: name ?? identity,
    }
    return calls.attempt({ adapter: coordinator, call: 'acquire', ms: CALL_MS }, (signal) =>
      coordinator.acquire(request, { signal }),
    )
  }
  const release = async () => {
    const permit = held
    held = undefined
    if (!coordinator || !permit) return
    await calls.attempt({ adapter: coordinator, call: 'release', ms: CALL_MS }, (signal) =>
      permit.release({ signal }),
    )
  }

  return {
    get held() {
      return held
    },
    ask: async () => {
      if (!coordinator) return true
      held = (await acquire()) ?? undefined
      return held !== undefined
    },
    release,
    releaseInherited: async () => {
      // Asking again under the shared name gives the predecessor's own permit, if it still holds.
      if (name === undefined) return
      held = (await acquire()) ?? undefined
      await release()
    },
  }
}
