import type { DeathCause } from '@worker-recycler/core'
import { type BackOff, backOffMs } from './back-off.ts'
import { isBroken, type RestartBreaker } from './restart-breaker.ts'

/** What a slot remembers of the deaths of its workers. */
export interface RestartState {
  /** Abnormal deaths since a worker was ready for long. */
  readonly inRow: number
  /** When workers died before they were ready, on the monotonic clock; forgotten at a `ready`. */
  readonly startFailuresMs: readonly number[]
}

/** One death, as far as the restart depends on it. */
export interface Death {
  /** Undefined when there never was a process: it could not be started. */
  readonly cause: DeathCause | undefined
  /** How long the worker had been ready; undefined when it never was. */
  readonly readyForMs: number | undefined
  readonly atMs: number
}

/** What a slot does next. */
export type Next =
  | { readonly kind: 'restart'; readonly delayMs: number }
  /** The breaker is open. */
  | { readonly kind: 'broken'; readonly deaths: number }
  /** The worker chose to stop for good. */
  | { readonly kind: 'stopped' }

/** Before any death. */
export const NO_DEATHS: RestartState = { inRow: 0, startFailuresMs: [] }

/** A worker became ready: its predecessors' failures to start are forgiven. Pure. */
export function afterReady(state: RestartState): RestartState {
  return { ...state, startFailuresMs: [] }
}

/**
 * Decides what follows a death: pure. A recycle is answered at once and not counted, a stop of the
 * worker's own ends the slot. Everything else, and whatever dies before `ready`, is abnormal.
 */
export function afterDeath(
  state: RestartState,
  death: Death,
  options: { readonly backoff: BackOff; readonly breaker: RestartBreaker | false },
  random: number,
): { readonly state: RestartState; readonly next: Next } {
  const { cause, readyForMs, atMs } = death
  if (cause === 'stop') return { state, next: { kind: 'stopped' } }
  if (cause === 'recycle' && readyForMs !== undefined) {
    return { state: NO_DEATHS, next: { kind: 'restart', delayMs: 0 } }
  }
  const forgiven = readyForMs !== undefined && readyForMs >= options.backoff.resetMs
  const inRow = (forgiven ? 0 : state.inRow) + 1
  const { breaker } = options
  const startFailuresMs =
    readyForMs === undefined && breaker
      ? [...state.startFailuresMs, atMs].slice(-breaker.deaths)
      : []
  const next: Next = isBroken(startFailuresMs, breaker)
    ? { kind: 'broken', deaths: startFailuresMs.length }
    : { kind: 'restart', delayMs: backOffMs(inRow, options.backoff, random) }
  return { state: { inRow, startFailuresMs }, next }
}
