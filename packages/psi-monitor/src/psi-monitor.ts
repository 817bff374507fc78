import { totalmem } from 'node:os'
import {
  CONTRACT,
  heapMonitor,
  type Logger,
  type Monitor,
  type Reading,
  systemClock,
  type WatchOptions,
} from '@worker-recycler/core'
import { systemFiles } from './kernel/system-files.ts'
import type { PsiMonitorOptions } from './options.ts'
import { createReadingQueue, type ReadingQueue } from './reading-queue.ts'
import { resolveOptions, type ResolvedOptions } from './resolve-options.ts'
import { type SamplerListener, startSampler } from './sampler.ts'
import { openSources } from './sources/source-set.ts'
import type { SourceReport } from './sources/source.ts'
import { startSamplerThread } from './thread/start-sampler-thread.ts'

/** A monitor that says what it hears from. */
export interface PsiMonitor extends Monitor {
  /**
   * What became of every source in the latest watch; before the first one they are opened, asked and
   * closed again. Throws when the target is not there.
   */
  readonly sources: () => readonly SourceReport[]
}

/**
 * Watches memory by the best sources that this place offers, all at once: usage against the effective
 * limit of all cgroups above, `memory.events` and pressure (PSI) of the own cgroup, what systemd asks
 * for, and V8's heap. A reading holds all that was measured at one moment, under one metric, such as
 * `cgroup.unreclaimable`; `v8.heap` is a metric of its own. Throws a TypeError for options that are
 * out of range, with what the kernel would have said. Source: Documentation/admin-guide/cgroup-v2.rst,
 * Documentation/accounting/psi.rst, https://systemd.io/PRESSURE.
 */
export function psiMonitor(options: PsiMonitorOptions = {}): PsiMonitor {
  const resolved = resolveOptions(options, totalmem())
  const { sampling, thread } = resolved
  let reports: readonly SourceReport[] | undefined
  return {
    kind: 'monitor',
    name: sampling.monitor,
    contract: CONTRACT,
    supports: { outOfLoop: thread, excludesPageCache: sampling.workingSet !== 'kubelet' },
    sources: () => reports ?? survey(resolved),
    watch: (watch) =>
      watchPressure(watch, resolved, (now) => {
        tellEnds(reports ?? [], now, resolved)
        reports = now
      }),
  }
}

async function* watchPressure(
  { signal, clock }: WatchOptions,
  { sampling, heap, thread, logger }: ResolvedOptions,
  sources: SamplerListener['sources'],
): AsyncGenerator<Reading, void, undefined> {
  if (signal.aborted) return
  const queue = createReadingQueue()
  const over = new AbortController()
  const listener = {
    told: queue.push,
    failed: queue.fail,
    sources: (reports: readonly SourceReport[]) =>
      sources(heap ? [...reports, HEAP_REPORT] : reports),
  }
  const inLoop = () =>
    startSampler({ sampling, clock, listener, files: systemFiles(sampling.root), ownRss })
  const fallBack = (error: unknown) => {
    logger.warn({ error }, 'The sampling thread ended; the event loop samples from now on')
    try {
      stop = inLoop()
    } catch (failure) {
      queue.fail(failure)
    }
  }
  const inThread = () => {
    try {
      stop = startSamplerThread({ sampling, clock, listener, ended: fallBack })
    } catch (error) {
      fallBack(error)
    }
  }
  let stop = () => {}
  const end = () => {
    over.abort()
    stop()
  }
  // At once: whoever reads may be busy with a reading when the watch is over.
  signal.addEventListener('abort', end)
  try {
    if (thread) inThread()
    else stop = inLoop()
    if (heap) void watchHeap({ signal: over.signal, clock }, sampling.monitor, queue, logger)
    yield* queue.readings(signal)
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

const HEAP_REPORT: SourceReport = {
  source: 'heap',
  state: 'live',
  sentence: "V8's heap is read after each major collection, against the size at which V8 aborts.",
}

const ownRss = () => process.memoryUsage.rss()

async function watchHeap(
  watch: WatchOptions,
  monitor: string,
  queue: ReadingQueue,
  logger: Logger,
): Promise<void> {
  try {
    for await (const reading of heapMonitor().watch(watch)) queue.push({ ...reading, monitor })
  } catch (error) {
    logger.warn({ error }, "V8's heap is watched no more")
  }
}

/** Opens and closes the sources, to see which can be had. */
function survey({ sampling, heap }: ResolvedOptions): readonly SourceReport[] {
  const files = systemFiles(sampling.root)
  const sources = openSources({ sampling, files, clock: systemClock, ownRss, wake: () => {} })
  try {
    sources.take(systemClock.nowMs(), true)
    return heap ? [...sources.reports(), HEAP_REPORT] : sources.reports()
  } finally {
    sources.close()
  }
}

function tellEnds(
  before: readonly SourceReport[],
  now: readonly SourceReport[],
  { sampling, logger }: ResolvedOptions,
): void {
  for (const [index, { source, state, sentence }] of now.entries()) {
    if (before[index]?.state !== 'live' || state === 'live') continue
    logger.warn(
      { monitor: sampling.monitor, source, state, sentence },
      'A source of readings ended',
    )
  }
}
