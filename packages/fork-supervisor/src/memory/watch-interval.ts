import type { LimitBytes, MemoryState } from './judge-memory.ts'

/** How often a worker's memory is read. */
export interface WatchIntervals {
  /** Far from every limit. */
  readonly calmMs: number
  /** Close to a limit, or rising towards it. */
  readonly closeMs: number
}

/** Below this share of the next limit all is calm; the interval shrinks from here. */
const CALM_SHARE = 0.7

/** From this share on it is as short as it gets. */
const CLOSE_SHARE = 0.9

/** So many readings fit into the time that memory needs to the next limit at its present growth. */
const READINGS_TO_LIMIT = 8

/** The time until the next reading: pure. */
export function watchIntervalMs(
  state: MemoryState,
  limits: LimitBytes,
  intervals: WatchIntervals,
): number {
  const { calmMs, closeMs } = intervals
  if (state.usedBytes === undefined) return calmMs
  const limit = nextLimit(state.usedBytes, limits)
  if (limit === undefined) return calmMs
  const share = state.usedBytes / limit
  const nearness = Math.min(1, Math.max(0, (share - CALM_SHARE) / (CLOSE_SHARE - CALM_SHARE)))
  const byNearness = calmMs - (calmMs - closeMs) * nearness
  const byGrowth =
    state.bytesPerMs > 0
      ? (limit - state.usedBytes) / state.bytesPerMs / READINGS_TO_LIMIT
      : Infinity
  return Math.max(closeMs, Math.min(calmMs, byNearness, byGrowth))
}

function nextLimit(usedBytes: number, { softBytes, hardBytes }: LimitBytes): number | undefined {
  if (softBytes !== undefined && usedBytes < softBytes) return softBytes
  return hardBytes ?? softBytes
}
