import { type Clock, type MemoryEvents, type Reading, watchIntervalMs } from '@worker-recycler/core'
import type { KernelFiles } from './kernel/kernel-files.ts'
import type { Sampling } from './sampling.ts'
import { type Facts, openSources } from './sources/source-set.ts'
import type { SourceName, SourceReport } from './sources/source.ts'
import { addEvents, isWorthTelling } from './worth-telling.ts'

/** Who hears of samples. */
export interface SamplerListener {
  readonly told: (reading: Reading) => void
  /** What became of the sources; at the start, and whenever it changes. */
  readonly sources: (reports: readonly SourceReport[]) => void
  /** Nothing can be measured any more. */
  readonly failed: (error: unknown) => void
}

/** What a sampler works with. */
export interface SamplerParts {
  readonly sampling: Sampling
  readonly files: KernelFiles
  readonly clock: Clock
  readonly ownRss: () => number
  readonly listener: SamplerListener
}

/** With a trigger armed and no limit near, this is only in case the kernel keeps silent. */
const ASLEEP_MS = 5000
/** Memory that nobody waits for wakes nobody: sleep ends before a leak of 100 MB/s could be near. */
const FASTEST_LEAK_BYTES_PER_MS = 100_000
/** Below this share of the limit it is not near. */
const CALM_SHARE = 0.7
/** The kernel announces a counter at most once in so many milliseconds (CGROUP_FILE_NOTIFY_MIN_INTV). */
const EVENT_GAP_MS = 10
/** Less standing still than this share of the threshold is no pressure at all. */
const STALLING_SHARE = 0.1
/** A trigger that fired is armed again after so many windows without a stall. */
const QUIET_WINDOWS = 2

/**
 * Samples a target until the function that it returns is called; the first sample is taken at once.
 * Every source either measures or wakes: whatever wakes, all is measured together.
 */
export function startSampler(parts: SamplerParts): () => void {
  const { sampling, clock, listener } = parts
  const { intervals, threshold, monitor } = sampling
  let isStopped = false
  let told: Reading | undefined
  let untold: MemoryEvents | undefined
  let last: { atMs: number; usedBytes: number } | undefined
  let stalledAtMs = -Infinity
  let known: readonly SourceReport[] = []
  let dueMs = clock.nowMs()
  let cancel = () => {}

  const wake = (by: SourceName) => {
    if (isStopped || !last) return
    const gapMs = by === 'memory-events' ? EVENT_GAP_MS : intervals.closeMs
    const waitMs = last.atMs + gapMs - clock.nowMs()
    if (waitMs <= 0) sample(clock.nowMs(), true)
    else if (last.atMs + gapMs < dueMs) next(waitMs)
  }
  const sources = openSources({ ...parts, wake })

  const next = (waitMs: number) => {
    cancel()
    dueMs = clock.nowMs() + waitMs
    cancel = clock.setTimer(waitMs, () => sample(dueMs, false))
  }

  const sample = (expectedMs: number, isWoken: boolean) => {
    cancel()
    const atMs = clock.nowMs()
    const facts = sources.take(atMs, isWoken)
    tellSources()
    // Whoever was told may have ended the watch.
    if (isStopped) return
    if (!facts) return fail()
    const reading = toReading(monitor, atMs, atMs - expectedMs, facts, untold)
    untold = reading.events
    const stalledMs = threshold.type === 'some' ? facts.stall?.someMs : facts.stall?.fullMs
    if ((stalledMs ?? 0) >= threshold.thresholdMs * STALLING_SHARE) stalledAtMs = atMs
    const waitMs = untilNext(atMs, facts)
    last = { atMs, usedBytes: facts.usedBytes }
    if (isWorthTelling(reading, told, sampling)) {
      told = reading
      untold = undefined
      listener.told(reading)
      const own = sources.takeProcess()
      if (own) listener.told({ monitor, ...own, atMs, lagMs: reading.lagMs ?? 0 })
    }
    // An event that comes too soon after a reading is told soon after.
    if (!isStopped) next(untold ? Math.min(waitMs, intervals.closeMs) : waitMs)
  }

  const untilNext = (atMs: number, { usedBytes, limit }: Facts): number => {
    if (atMs - stalledAtMs < QUIET_WINDOWS * threshold.windowMs) return intervals.closeMs
    // A trigger that kept silent had fired unheard, or others' reads starve it.
    sources.rearm(stalledAtMs > -Infinity)
    stalledAtMs = -Infinity
    const bytesPerMs =
      last && atMs > last.atMs ? (usedBytes - last.usedBytes) / (atMs - last.atMs) : 0
    const limitBytes = limit?.bytes ?? sampling.hostBytes
    const sleepMs = (limitBytes * CALM_SHARE - usedBytes) / FASTEST_LEAK_BYTES_PER_MS
    const asleepMs = sources.isArmed() ? Math.min(ASLEEP_MS, sleepMs) : 0
    return watchIntervalMs(
      { usedBytes, limitBytes, bytesPerMs },
      { calmMs: Math.max(asleepMs, intervals.calmMs), closeMs: intervals.closeMs },
    )
  }

  const tellSources = () => {
    const reports = sources.reports()
    if (reports.every((report, index) => report === known[index])) return
    known = reports
    listener.sources(reports)
  }

  const stop = () => {
    isStopped = true
    cancel()
    sources.close()
  }

  const fail = () => {
    const reason = sources.reports().find(({ source }) => source === 'usage')?.sentence
    stop()
    listener.failed(new Error(`Nothing is left to measure. ${reason}`))
  }

  sample(dueMs, false)
  return stop
}

function toReading(
  monitor: string,
  atMs: number,
  lagMs: number,
  { metric, usedBytes, limit, stall, hostStall, events }: Facts,
  untold: MemoryEvents | undefined,
): Reading {
  const all = addEvents(untold, events)
  return {
    monitor,
    metric,
    atMs,
    usedBytes,
    ...(limit && { limitBytes: limit.bytes, limitedBy: limit.heldBy }),
    ...(stall && { stall }),
    ...(hostStall && { hostStall }),
    ...(all && { events: all }),
    lagMs: Math.max(0, lagMs),
  }
}
