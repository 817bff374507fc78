import { expectNumber } from '../expect-number.ts'
import type { Clock } from '../process/clock.ts'
import { createLevelFit } from './level-fit.ts'

/** How much memory grew with one kind of job: an estimate. */
export interface JobGrowth {
  readonly name: string
  /** Estimated growth for each run. */
  readonly bytesPerRun: number
  /** Estimated growth by all runs. */
  readonly totalBytes: number
  readonly runs: number
}

/** Names beyond the first `maxNames` are counted together under this one. */
export const OTHER_JOBS = '(other)'

const DEFAULT_ATTRIBUTION_INTERVAL_MS = 100
const DEFAULT_ATTRIBUTION_NAMES = 32

/** How growth is attributed. */
export interface AttributionOptions {
  readonly clock: Clock
  /** Reads memory in use, in bytes. Defaults to the resident memory of this process. */
  readonly readBytes?: () => number
  /** Memory is read at most so often, however many jobs run. Defaults to 100 ms. */
  readonly minIntervalMs?: number
  /** How many names are told apart. Defaults to 32. */
  readonly maxNames?: number
}

/** Tells with which kinds of job memory grows. */
export interface Attribution {
  /** A run of this kind of job begins. */
  started(name: string): void
  /** A run of this kind of job ended, however. */
  settled(name: string): void
  /** The estimate, most growth first. Every name that ran is listed. */
  report(): JobGrowth[]
}

interface Kind {
  readonly name: string
  started: number
  settled: number
  /** Time that ended runs took, less the beginnings of those that run. */
  ms: number
}

/** What may leak: a run's beginning, its end, or each moment of it. */
const COLUMNS_PER_NAME = 3

/**
 * Attributes growth of memory to kinds of job, statistically: memory is a level that each kind
 * raises by an amount for each beginning, each end and each millisecond of its runs; the amounts
 * that fit best, and are not negative, are found by least squares. Jobs that merely run beside a
 * leaking one are told apart by the moments at which they did not.
 *
 * It is an estimate. Simulated with 10 jobs at once and garbage that comes and goes by 30 MB, the
 * leaking kind was always first, and given 0.5 to 1.0 of its true growth after a minute, 0.8 to 1.0
 * after five. Kinds that always run in the same proportion at the same time cannot be told apart,
 * and growth that has nothing to do with jobs is attributed to them all the same. All totals
 * together never exceed the growth that was seen. Throws a TypeError for options out of range.
 */
export function createAttribution(options: AttributionOptions): Attribution {
  const { clock, readBytes = () => process.memoryUsage.rss() } = options
  const minIntervalMs = expectNumber(
    'minIntervalMs',
    options.minIntervalMs ?? DEFAULT_ATTRIBUTION_INTERVAL_MS,
    { min: 0 },
  )
  const maxNames = expectNumber('maxNames', options.maxNames ?? DEFAULT_ATTRIBUTION_NAMES, {
    min: 1,
    max: 256,
    integer: true,
  })
  const kinds: Kind[] = []
  const byName = new Map<string, Kind>()
  const fit = createLevelFit((maxNames + 1) * COLUMNS_PER_NAME)
  const columns = new Float64Array((maxNames + 1) * COLUMNS_PER_NAME)
  const originMs = clock.nowMs()
  let dueMs = 0
  let other: Kind | undefined
  let lowestBytes = Infinity

  const added = (name: string): Kind => {
    const kind = { name, started: 0, settled: 0, ms: 0 }
    kinds.push(kind)
    return kind
  }
  const kindOf = (name: string): Kind => {
    const known = byName.get(name)
    if (known) return known
    if (byName.size >= maxNames) return (other ??= added(OTHER_JOBS))
    const kind = added(name)
    byName.set(name, kind)
    return kind
  }

  const sample = (nowMs: number): number => {
    let column = 0
    for (const kind of kinds) {
      columns[column] = kind.started
      columns[column + 1] = kind.settled
      columns[column + 2] = kind.ms + (kind.started - kind.settled) * nowMs
      column += COLUMNS_PER_NAME
    }
    const bytes = readBytes()
    lowestBytes = Math.min(lowestBytes, bytes)
    fit.add(columns, column, bytes)
    return bytes
  }
  const sampleWhenDue = (nowMs: number): void => {
    if (nowMs < dueMs) return
    dueMs = nowMs + minIntervalMs
    sample(nowMs)
  }

  return {
    started: (name) => {
      const nowMs = clock.nowMs() - originMs
      // Before the count: what the first run leaks is growth already.
      sampleWhenDue(nowMs)
      const kind = kindOf(name)
      kind.started += 1
      kind.ms -= nowMs
    },

    settled: (name) => {
      const nowMs = clock.nowMs() - originMs
      const kind = kindOf(name)
      // A run whose beginning was not told has no length to count.
      if (kind.settled >= kind.started) return
      kind.settled += 1
      kind.ms += nowMs
      sampleWhenDue(nowMs)
    },

    report: () => {
      const grownBytes = Math.max(0, sample(clock.nowMs() - originMs) - lowestBytes)
      const coefficients = fit.solve()
      const totals = kinds.map((_, index) => {
        let total = 0
        for (let part = 0; part < COLUMNS_PER_NAME; part += 1) {
          const column = index * COLUMNS_PER_NAME + part
          total += (coefficients[column] ?? 0) * (columns[column] ?? 0)
        }
        return total
      })
      const claimed = totals.reduce((sum, total) => sum + total, 0)
      const share = claimed > grownBytes ? grownBytes / claimed : 1
      return kinds
        .map(({ name, started }, index): JobGrowth => {
          const totalBytes = Math.round((totals[index] ?? 0) * share)
          return {
            name,
            bytesPerRun: started > 0 ? Math.round(totalBytes / started) : 0,
            totalBytes,
            runs: started,
          }
        })
        .toSorted((a, b) => b.totalBytes - a.totalBytes)
    },
  }
}
