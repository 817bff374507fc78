import type { Permit } from '../contracts/coordinator.ts'
import { within } from '../process/within.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import type { Calls } from './calls.ts'

/** What a coordinator said. */
export type PermitAnswer =
  | 'granted'
  /** The cohort's places are taken. */
  | 'denied'
  /** The coordinator could not be asked. */
  | 'unavailable'

/** A worker's dealings with its coordinator, one at a time. Without one, every permit is granted. */
export interface Permits {
  ask(): Promise<PermitAnswer>
  /** Gives the permit back: the recycle is not wanted any more. */
  release(): Promise<void>
  /** The same, once what is under way has ended; resolves after this time in any case. */
  giveBack(ms: number): Promise<void>
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
  const { coordinator, cohort, clock, name } = options
  let held: Permit | undefined
  let tail: Promise<unknown> = Promise.resolve()

  // A release that overtakes the request for the next permit, or is overtaken, would free a place
  // in which this worker recycles.
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const result = tail.then(step)
    tail = result.catch(() => {})
    return result
  }
  const acquire = async (): Promise<PermitAnswer> => {
    if (!coordinator || !cohort) return 'granted'
    const request = {
      cohort: cohort.name,
      max: Math.max(1, Math.floor(cohort.size * cohort.maxShare)),
      ttlMs: budgetMs + RESTART_MS,
      holder: name ?? identity,
    }
    const permit = await calls.attempt(
      { adapter: coordinator, call: 'acquire', ms: CALL_MS },
      (signal) => coordinator.acquire(request, { signal }),
    )
    if (permit) held = permit
    if (permit === undefined) return 'unavailable'
    return permit ? 'granted' : 'denied'
  }
  const release = async (ms = CALL_MS): Promise<void> => {
    const permit = held
    held = undefined
    if (!coordinator || !permit) return
    await calls.attempt({ adapter: coordinator, call: 'release', ms }, (signal) =>
      permit.release({ signal }),
    )
  }

  return {
    ask: () => inTurn(acquire),
    release: () => inTurn(() => release()),
    giveBack: (ms) =>
      within({ ms, clock, what: 'Giving back' }, () => inTurn(() => release(ms))).catch(() => {}),
    releaseInherited: () =>
      inTurn(async () => {
        // Asking again under the shared name gives the predecessor's own permit, if it still holds.
        if (name === undefined) return
        await acquire()
        await release()
      }),
  }
}
