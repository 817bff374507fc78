import type { CancelTimer, Clock, PermitRequest } from '@worker-recycler/core'
import {
  dropOwner,
  dropPlace,
  nextExpiryMs,
  NO_PLACES,
  type Place,
  shortenOwner,
  takePlace,
  wait,
  withdraw,
} from './recycle-places.ts'

/** A dead worker's place outlives it for so long, should its replacement never say that it is ready. */
const REPLACEMENT_MS = 60_000

/** Decides who may recycle: workers that ask for a permit, and workers that the supervisor asks. */
export interface PermitDesk {
  /** Answers a worker. */
  acquire(owner: string, request: PermitRequest): boolean
  release(cohort: string, holder: string): void
  /**
   * Takes a place on a worker's behalf, or queues it; `onPlace` is called, now or later, when it has
   * one. Returns whether that was now.
   */
  want(owner: string, onPlace: () => void): boolean
  /** The worker recycles, whether or not it had a place: it counts among those that do. */
  recycles(owner: string): void
  /** The worker needs no recycle any more: it gives back its place, or leaves the queue. */
  withdraw(owner: string): void
  /** The worker is dead: its place is kept for a while, for the time until its replacement is ready. */
  ownerDied(owner: string): void
  /** The worker is dead and replaced. */
  ownerReplaced(owner: string): void
  /** The identities that have a place, and those that wait. */
  status(): { readonly recycling: readonly string[]; readonly waiting: readonly string[] }
  /** Nobody gets a place any more. Idempotent. */
  stop(): void
}

/** Makes the desk. A place that was taken on a worker's behalf lapses `placeMs` after it was taken. */
export function createPermitDesk(parts: {
  readonly cap: number
  readonly placeMs: number
  readonly clock: Clock
}): PermitDesk {
  const { cap, placeMs, clock } = parts
  const callbacks = new Map<string, () => void>()
  let state = NO_PLACES
  let stopped = false
  let cancelTimer: CancelTimer = () => {}

  const take = (place: Place, max: number): boolean => {
    const taken = takePlace(state, place, { cap, max, nowMs: clock.nowMs() })
    state = taken.state
    return taken.granted
  }

  const placeFor = (owner: string): Place => ({
    owner,
    cohort: '',
    holder: owner,
    expiresAtMs: clock.nowMs() + placeMs,
  })
  const takeFor = (owner: string) => take(placeFor(owner), cap)

  /** Gives free places to those who wait, then sleeps until the next place lapses. */
  const serve = () => {
    cancelTimer()
    if (stopped) return
    for (const owner of state.waiting) {
      if (!takeFor(owner)) break
      state = withdraw(state, owner)
      const onPlace = callbacks.get(owner)
      callbacks.delete(owner)
      onPlace?.()
    }
    const expiryMs = state.waiting.length > 0 ? nextExpiryMs(state) : undefined
    if (expiryMs !== undefined) cancelTimer = clock.setTimer(expiryMs - clock.nowMs(), serve)
  }

  return {
    acquire: (owner, { cohort, max, ttlMs, holder }) => {
      if (stopped) return false
      return take({ owner, cohort, holder, expiresAtMs: clock.nowMs() + ttlMs }, max)
    },
    release: (cohort, holder) => {
      state = dropPlace(state, cohort, holder)
      serve()
    },
    want: (owner, onPlace) => {
      if (stopped) return false
      const has = state.places.some((place) => place.owner === owner)
      if (has || (state.waiting.length === 0 && takeFor(owner))) {
        onPlace()
        return true
      }
      state = wait(state, owner)
      callbacks.set(owner, onPlace)
      serve()
      return !state.waiting.includes(owner)
    },
    recycles: (owner) => {
      const caps = { cap: Infinity, max: Infinity, nowMs: clock.nowMs() }
      state = takePlace(withdraw(state, owner), placeFor(owner), caps).state
      callbacks.delete(owner)
    },
    withdraw: (owner) => {
      state = dropOwner(state, owner)
      callbacks.delete(owner)
      serve()
    },
    ownerDied: (owner) => {
      state = shortenOwner(state, owner, clock.nowMs() + REPLACEMENT_MS)
      callbacks.delete(owner)
      serve()
    },
    ownerReplaced: (owner) => {
      state = dropOwner(state, owner)
      serve()
    },
    status: () => ({
      recycling: [...new Set(state.places.map((place) => place.owner))],
      waiting: state.waiting,
    }),
    stop: () => {
      stopped = true
      cancelTimer()
      callbacks.clear()
    },
  }
}
