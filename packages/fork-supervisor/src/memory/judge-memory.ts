/** The limits of one worker. */
export interface LimitBytes {
  /** From here on the worker is asked to recycle. */
  readonly softBytes?: number
  /** From here on it is killed. */
  readonly hardBytes?: number
}

/** What the judge keeps of earlier readings of one worker. */
export interface MemoryState {
  /** The highest figure yet. */
  readonly peakBytes: number
  /** The newest figure; undefined before the first. */
  readonly usedBytes?: number
  /** When it was read, on the monotonic clock. */
  readonly atMs?: number
  /** Growth between the last two readings. */
  readonly bytesPerMs: number
  /** Readings at or above the soft limit without a break. */
  readonly above: number
  /** A recycle is wanted since the soft limit was reached. */
  readonly wanted: boolean
}

/** What a reading asks for; `recycle` and `relieved` come once, when the judgement changes. */
export type MemoryVerdict = 'keep' | 'recycle' | 'relieved' | 'kill'

/** A single reading may be garbage that the next collection frees; this many in a row are not. */
const SOFT_READINGS = 3

/** Below this share of the soft limit a recycle is no longer wanted (0.70 of the limit by default). */
const RESUME_SHARE = 0.875

/** Before the first reading. */
export const UNREAD: MemoryState = { peakBytes: 0, bytesPerMs: 0, above: 0, wanted: false }

/** Judges one reading: pure. The hard limit needs no second reading. */
export function judgeMemory(
  state: MemoryState,
  reading: { readonly usedBytes: number; readonly atMs: number },
  limits: LimitBytes,
): { readonly state: MemoryState; readonly verdict: MemoryVerdict } {
  const { usedBytes, atMs } = reading
  const soft = limits.softBytes ?? Infinity
  const above = usedBytes >= soft ? state.above + 1 : 0
  const relieved = state.wanted && usedBytes < soft * RESUME_SHARE
  const wanted = !relieved && (state.wanted || above >= SOFT_READINGS)
  const next: MemoryState = {
    usedBytes,
    atMs,
    peakBytes: Math.max(state.peakBytes, usedBytes),
    bytesPerMs: growth(state, usedBytes, atMs),
    above,
    wanted,
  }
  if (usedBytes >= (limits.hardBytes ?? Infinity)) return { state: next, verdict: 'kill' }
  if (relieved) return { state: next, verdict: 'relieved' }
  return { state: next, verdict: wanted && !state.wanted ? 'recycle' : 'keep' }
}

/** Memory in use at a later moment, had it gone on growing as it last did. */
export function extrapolate(state: MemoryState, atMs: number): number | undefined {
  if (state.usedBytes === undefined || state.atMs === undefined) return undefined
  return state.usedBytes + Math.max(0, state.bytesPerMs) * Math.max(0, atMs - state.atMs)
}

function growth(state: MemoryState, usedBytes: number, atMs: number): number {
  if (state.usedBytes === undefined || state.atMs === undefined || atMs <= state.atMs) return 0
  return (usedBytes - state.usedBytes) / (atMs - state.atMs)
}
