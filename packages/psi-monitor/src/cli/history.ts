import type { MemoryEvents, Reading } from '@worker-recycler/core'
import { addEvents } from '../worth-telling.ts'

/** What a chart shows of one interval: the most of each. */
interface Column {
  readonly usedBytes: number
  /** Shares of the window in which some task stood still, and all did. */
  readonly some?: number
  readonly full?: number
}

/** What happened since the start of a watch. */
export interface History {
  readonly add: (reading: Reading) => void
  readonly spanMs: () => number
  readonly events: () => MemoryEvents
  /** The last intervals, the oldest first. */
  readonly columns: (most: number) => readonly Column[]
}

/** More than any terminal is wide. */
const MOST_COLUMNS = 1000

/**
 * Keeps a column for each interval, however many readings came in it: when it gets tight there are
 * more of them, and a chart whose columns stand for different times would look calm then.
 */
export function createHistory(everyMs: number): History {
  let columns: readonly Column[] = []
  let events: MemoryEvents = {}
  let firstMs: number | undefined
  let lastMs = 0
  let lastAt = -1
  return {
    add: (reading) => {
      firstMs ??= reading.atMs
      lastMs = reading.atMs
      events = addEvents(events, reading.events) ?? events
      const at = Math.floor((lastMs - firstMs) / everyMs)
      const column = columnOf(reading)
      const last = columns.at(-1)
      if (at <= lastAt && last) columns = [...columns.slice(0, -1), most(last, column)]
      else {
        // An interval without a reading: nothing changed, or the host slept.
        const missed = Math.min(MOST_COLUMNS, last ? at - lastAt - 1 : 0)
        const gap = Array.from({ length: missed }, () => last ?? column)
        columns = [...columns, ...gap, column].slice(-MOST_COLUMNS)
      }
      lastAt = at
    },
    spanMs: () => lastMs - (firstMs ?? lastMs),
    events: () => events,
    columns: (count) => columns.slice(-count),
  }
}

function columnOf({ usedBytes = 0, stall }: Reading): Column {
  if (!stall || stall.windowMs <= 0) return { usedBytes }
  const share = (ms: number) => ms / stall.windowMs
  return {
    usedBytes,
    some: share(stall.someMs),
    ...(stall.fullMs !== undefined && { full: share(stall.fullMs) }),
  }
}

function most(one: Column, other: Column): Column {
  const some = highest(one.some, other.some)
  const full = highest(one.full, other.full)
  return {
    usedBytes: Math.max(one.usedBytes, other.usedBytes),
    ...(some !== undefined && { some }),
    ...(full !== undefined && { full }),
  }
}

function highest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other)
}
