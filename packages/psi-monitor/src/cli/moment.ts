import {
  bytesText,
  durationText,
  type MemoryEvents,
  percentText,
  type Reading,
} from '@worker-recycler/core'
import type { Forecast } from '../forecast.ts'
import type { SourceReport } from '../sources/source.ts'
import type { History } from './history.ts'

/** What a watch knows when a reading has come. */
export interface Moment {
  readonly title: string
  readonly everyMs: number
  readonly epochMs: number
  readonly reading: Reading
  /** Undefined while too few readings are there. */
  readonly forecast: Forecast | undefined
  readonly history: History
  readonly sources: readonly SourceReport[]
}

/** How memory grows, e.g. `1.2 MiB a second, confidence 93 %`. */
export function growthText(forecast: Forecast | undefined): string {
  if (!forecast) return 'not known yet'
  const { bytesPerSec, confidence } = forecast
  if (bytesPerSec === 0) return 'none'
  const sign = bytesPerSec < 0 ? '-' : ''
  return `${sign}${bytesText(Math.abs(bytesPerSec))} a second, confidence ${percentText(Math.abs(confidence))}`
}

/** When the limit is reached, e.g. `in 41 s`; undefined when that cannot be told. */
export function leftText(forecast: Forecast | undefined): string | undefined {
  const leftMs = forecast?.timeToLimitMs
  if (leftMs === undefined) return undefined
  return leftMs === 0 ? 'reached' : `in ${durationText(leftMs)}`
}

/** Counters of events, e.g. `high 3, oom_kill 1`; `all`: also those that are 0. */
export function eventsText(events: MemoryEvents, all: boolean): string {
  const counts = [
    ['high', events.high],
    ['max', events.max],
    ['oom', events.oom],
    ['oom_kill', events.oomKill],
  ] as const
  return counts
    .filter(([, count = 0]) => all || count > 0)
    .map(([name, count = 0]) => `${name} ${count}`)
    .join(', ')
}

/** Standing still, e.g. `some 12.3 %, full 0 %`. */
export function stallText({ windowMs, someMs, fullMs }: NonNullable<Reading['stall']>): string {
  const share = (ms: number) => percentText(windowMs > 0 ? ms / windowMs : 0)
  const full = fullMs === undefined ? '' : `, full ${share(fullMs)}`
  return `some ${share(someMs)}${full}`
}
