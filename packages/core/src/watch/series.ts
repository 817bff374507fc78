import type { Reading } from '../contracts/monitor.ts'
import type { Verdict } from '../contracts/policy.ts'

const MAX_AGE_MS = 15 * 60_000
const MAX_READINGS = 2000

/** Everything remembered about one metric of one monitor. */
export interface Series {
  readonly monitor: string
  /** Oldest first. */
  history: Reading[]
  /** The judgement of the newest reading. */
  verdict: Verdict
  /** Since when a soft recycle has been wanted without a break. */
  wantedSinceMs?: number
  /** Memory in use once the process was warm. */
  baseline?: Reading
}

/** Names a series in records that outlive the process. */
export const seriesName = (reading: Reading): string => `${reading.monitor}/${reading.metric}`

/** Starts a series with nothing in it. */
export const createSeries = (monitor: string): Series => ({
  monitor,
  history: [],
  verdict: { action: 'keep', reasons: [] },
})

/** Adds a reading and forgets what is too old; cheap, as it copies only when half is too old. */
export function addReading(series: Series, reading: Reading): void {
  series.history.push(reading)
  const { history } = series
  const oldestMs = reading.atMs - MAX_AGE_MS
  const middle = history[history.length >> 1]
  if (history.length > MAX_READINGS || (middle && middle.atMs < oldestMs)) {
    series.history = history.slice(history.length >> 1)
  }
}
