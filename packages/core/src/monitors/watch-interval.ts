/** How often memory is read. */
export interface WatchIntervals {
  /** Far from every limit. */
  readonly calmMs: number
  /** Close to a limit, or rising towards it. */
  readonly closeMs: number
}

/** Where memory stands, and where it goes. */
export interface MemoryCourse {
  /** Undefined before the first reading. */
  readonly usedBytes?: number | undefined
  /** Undefined where there is none. */
  readonly limitBytes?: number | undefined
  readonly bytesPerMs: number
}

/** Below this share of the limit all is calm; the interval shrinks from here. */
const CALM_SHARE = 0.7

/** From this share on it is as short as it gets. */
const CLOSE_SHARE = 0.9

/** So many readings fit into the time that memory needs to the limit at its present growth. */
const READINGS_TO_LIMIT = 8

/**
 * The time until the next reading, between `closeMs` and `calmMs`: pure. It shrinks from 0.70 to 0.90
 * of the limit, and where memory grows so fast that fewer than 8 readings would be left before it.
 */
export function watchIntervalMs(course: MemoryCourse, intervals: WatchIntervals): number {
  const { calmMs, closeMs } = intervals
  const { usedBytes, limitBytes, bytesPerMs } = course
  if (usedBytes === undefined || limitBytes === undefined) return calmMs
  const share = usedBytes / limitBytes
  const nearness = Math.min(1, Math.max(0, (share - CALM_SHARE) / (CLOSE_SHARE - CALM_SHARE)))
  const byNearness = calmMs - (calmMs - closeMs) * nearness
  const byGrowth =
    bytesPerMs > 0 ? (limitBytes - usedBytes) / bytesPerMs / READINGS_TO_LIMIT : Infinity
  return Math.max(closeMs, Math.min(calmMs, byNearness, byGrowth))
}
