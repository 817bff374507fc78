import type { Lease } from '../contracts/job-source.ts'
import type { Reading } from '../contracts/monitor.ts'
import type { Policy, Verdict } from '../contracts/policy.ts'
import type { PastRecycle } from '../ledger/past-recycle.ts'
import { strength } from '../policies/verdict.ts'
import type { Clock } from '../process/clock.ts'
import { inFlightLow, type InFlightSample } from './in-flight-low.ts'
import { addReading, createSeries, seriesName, type Series } from './series.ts'

/** What a judge works with. */
export interface JudgeOptions {
  readonly policy: Policy
  readonly clock: Clock
  readonly identity: string
  readonly limitBytes: number
  /** After this uptime a reading counts as the baseline of its series. */
  readonly warmUpMs: number
  /** The time that running jobs get when the worker leaves. */
  readonly drainMs: number
  readonly recycles: readonly PastRecycle[]
  readonly inFlight: () => readonly Lease[]
}

/** A verdict and the reading that it is about. */
export interface Judged {
  readonly verdict: Verdict
  readonly reading: Reading
}

/** Turns readings into one verdict over all of them. */
export interface Judge {
  /** Judges a reading; the answer is the strongest verdict over the newest readings of all series. */
  judge(reading: Reading): Judged
  /**
   * Forgets a monitor that has ended, and with it what its last reading wanted; the answer is the
   * verdict over the others, undefined when the monitor never measured anything.
   */
  forget(monitor: string): Judged | undefined
  /** The newest reading of every series. */
  latest(): readonly Reading[]
  /** Earlier recycles; the last one completed by what this process learnt about memory after it. */
  recycles(): readonly PastRecycle[]
}

/** Makes the judge of one worker, from the moment when it is ready. */
export function createJudge(options: JudgeOptions): Judge {
  const { policy, clock, limitBytes } = options
  const startMs = clock.nowMs()
  const bySeries = new Map<string, Series>()
  const samples: InFlightSample[] = []

  const latest = () =>
    Array.from(bySeries.values(), (series) => series.history.at(-1)).filter(isReading)

  const recycles = (): readonly PastRecycle[] => {
    const last = options.recycles.at(-1)
    const afterBytes = last && bySeries.get(last.series ?? '')?.baseline?.usedBytes
    if (!last || last.afterBytes !== undefined || afterBytes === undefined) return options.recycles
    return [...options.recycles.slice(0, -1), { ...last, afterBytes }]
  }

  return {
    latest,
    recycles,
    forget: (monitor) => {
      let last: Reading | undefined
      for (const [name, series] of bySeries) {
        if (series.monitor !== monitor) continue
        last = series.history.at(-1) ?? last
        bySeries.delete(name)
      }
      return (
        strongest(bySeries.values()) ?? (last && { verdict: forgotten(monitor), reading: last })
      )
    },
    judge: (reading) => {
      const name = seriesName(reading)
      const series = bySeries.get(name) ?? createSeries(reading.monitor)
      bySeries.set(name, series)
      addReading(series, reading)
      const nowMs = clock.nowMs()
      const uptimeMs = nowMs - startMs
      if (!series.baseline && uptimeMs >= options.warmUpMs) series.baseline = reading
      const inFlight = options.inFlight()
      const verdict = policy.judge(reading, {
        history: series.history,
        latest: latest(),
        elevated: series.verdict.action !== 'keep',
        uptimeMs,
        wantedForMs: series.wantedSinceMs === undefined ? 0 : nowMs - series.wantedSinceMs,
        inFlight,
        inFlightLow: inFlightLow(samples, { atMs: nowMs, count: inFlight.length }),
        limitBytes,
        drainMs: options.drainMs,
        recycles: recycles(),
        epochMs: clock.epochMs(),
        ...(series.baseline && { baseline: series.baseline }),
        seed: options.identity,
      })
      series.verdict = expectVerdict(verdict)
      if (series.verdict.action !== 'recycle') delete series.wantedSinceMs
      else series.wantedSinceMs ??= nowMs
      return strongest(bySeries.values()) ?? { verdict: series.verdict, reading }
    },
  }
}

const isReading = (reading: Reading | undefined): reading is Reading => reading !== undefined

/** Of equally strong verdicts always that of the same series, so that they do not seem to change. */
function strongest(all: Iterable<Series>): Judged | undefined {
  let best: Judged | undefined
  for (const { verdict, history } of all) {
    const reading = history.at(-1)
    if (!reading) continue
    if (!best || strength(verdict) > strength(best.verdict)) best = { verdict, reading }
  }
  return best
}

const forgotten = (monitor: string): Verdict => ({
  action: 'keep',
  reasons: [{ code: 'monitor_failed', message: `${monitor} measures no more` }],
})

/** A policy may come from JavaScript: one that answers nonsense, or with a promise, must not stay. */
function expectVerdict(verdict: Verdict): Verdict {
  const given: unknown = verdict
  const action: unknown =
    typeof given === 'object' && given !== null ? Reflect.get(given, 'action') : undefined
  if (action === 'keep' || action === 'slowDown') return verdict
  if (action === 'recycle' && Array.isArray(verdict.reasons)) return verdict
  throw new TypeError(`Expected judge() to return a verdict at once, got ${typeof given}`)
}
