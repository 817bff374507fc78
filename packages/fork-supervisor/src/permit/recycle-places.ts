/** One place in which a worker may recycle: asked for by the worker, or taken for it. */
export interface Place {
  /** The worker process, by its identity. */
  readonly owner: string
  /** Empty for a place that the supervisor took on the worker's behalf. */
  readonly cohort: string
  /** In whose name the worker asked. */
  readonly holder: string
  /** On the monotonic clock. */
  readonly expiresAtMs: number
}

/** Who recycles, and who waits for a place, in order. */
export interface RecyclePlaces {
  readonly places: readonly Place[]
  readonly waiting: readonly string[]
}

/** Nobody recycles. */
export const NO_PLACES: RecyclePlaces = { places: [], waiting: [] }

/**
 * Takes a place: pure. At most `cap` workers have places at once, whoever asked; at most `max`
 * holders of one cohort. Asking again changes nothing and is granted again.
 */
export function takePlace(
  state: RecyclePlaces,
  place: Place,
  caps: { readonly cap: number; readonly max: number; readonly nowMs: number },
): { readonly state: RecyclePlaces; readonly granted: boolean } {
  const live = expire(state, caps.nowMs)
  const cohort = live.places.filter((taken) => taken.cohort === place.cohort)
  if (cohort.some((taken) => taken.holder === place.holder)) return { state: live, granted: true }
  const owners = new Set(live.places.map((taken) => taken.owner)).add(place.owner)
  if (owners.size > caps.cap || cohort.length >= caps.max) return { state: live, granted: false }
  return { state: { ...live, places: [...live.places, place] }, granted: true }
}

/** Gives back the place of one holder. */
export function dropPlace(state: RecyclePlaces, cohort: string, holder: string): RecyclePlaces {
  return {
    ...state,
    places: state.places.filter((taken) => taken.cohort !== cohort || taken.holder !== holder),
  }
}

/** Gives back every place of a worker, and its place in the queue. */
export function dropOwner(state: RecyclePlaces, owner: string): RecyclePlaces {
  return {
    places: state.places.filter((taken) => taken.owner !== owner),
    waiting: state.waiting.filter((waiting) => waiting !== owner),
  }
}

/** A worker died: it waits for nothing, and its places last until then at the latest. */
export function shortenOwner(state: RecyclePlaces, owner: string, atMs: number): RecyclePlaces {
  return {
    places: state.places.map((taken) =>
      taken.owner === owner ? { ...taken, expiresAtMs: Math.min(taken.expiresAtMs, atMs) } : taken,
    ),
    waiting: state.waiting.filter((waiting) => waiting !== owner),
  }
}

/** Queues a worker for a place; once. */
export function wait(state: RecyclePlaces, owner: string): RecyclePlaces {
  return state.waiting.includes(owner) ? state : { ...state, waiting: [...state.waiting, owner] }
}

/** Takes a worker out of the queue: it needs no place any more. */
export function withdraw(state: RecyclePlaces, owner: string): RecyclePlaces {
  return { ...state, waiting: state.waiting.filter((waiting) => waiting !== owner) }
}

/** Drops the places whose time is over. */
function expire(state: RecyclePlaces, nowMs: number): RecyclePlaces {
  if (state.places.every((taken) => taken.expiresAtMs > nowMs)) return state
  return { ...state, places: state.places.filter((taken) => taken.expiresAtMs > nowMs) }
}

/** When the next place lapses by itself; undefined when there is none. */
export function nextExpiryMs(state: RecyclePlaces): number | undefined {
  if (state.places.length === 0) return undefined
  return Math.min(...state.places.map((taken) => taken.expiresAtMs))
}
