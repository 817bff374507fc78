import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../test/bundle-programs.ts'
import type { Benchmark, Findings } from '../harness/benchmark.ts'
import { calm } from './calm.ts'
import { byFile, byKernel } from './events.ts'
import { leaks } from './leaks.ts'
import { withoutCgroups } from './own-cgroups.ts'
import { stallToReading } from './stalls.ts'
import { ticks } from './ticks.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** How soon psi-monitor tells of stalls, events and leaks, and what it costs while there are none. */
export const monitor: Benchmark = {
  about:
    'stall, event and leak to reading, cost when calm; takes seven minutes, needs root and cgroups',
  run: async (progress) => {
    const programs = await bundlePrograms({
      'calm-worker': path('fixtures/calm-worker.ts'),
      leaker: path('fixtures/leaker.ts'),
      thrasher: path('fixtures/thrasher.ts'),
      'tick-driver': path('fixtures/tick-driver.ts'),
      'total-poller': path('fixtures/total-poller.ts'),
      'sampler-thread': path('../../packages/psi-monitor/src/thread/sampler-thread.ts'),
    })
    const missing = withoutCgroups()
    const inCgroups = async (what: string, measure: () => Promise<Findings>): Promise<Findings> => {
      try {
        if (missing === undefined) return await measure()
      } catch (error) {
        return unmeasured(what, error instanceof Error ? error.message : String(error))
      }
      return unmeasured(what, missing)
    }
    const { path: program } = programs
    try {
      return together([
        await ticks(program('tick-driver'), progress),
        { figures: await byFile(progress) },
        await inCgroups('Events of a cgroup', async () => ({ figures: await byKernel(progress) })),
        await inCgroups('Stalls', () =>
          stallToReading(
            { thrasher: program('thrasher'), poller: program('total-poller') },
            progress,
          ),
        ),
        await inCgroups('Leaks', () => leaks(program('leaker'), progress)),
        await calm(program('calm-worker'), progress),
      ])
    } finally {
      programs.remove()
    }
  },
}

function unmeasured(what: string, reason: string): Findings {
  return { figures: [], notes: [`${what} could not be measured: ${reason}.`] }
}

function together(all: readonly Findings[]): Findings {
  return {
    figures: all.flatMap(({ figures }) => figures),
    tables: all.flatMap(({ tables }) => tables ?? []),
    notes: all.flatMap(({ notes }) => notes ?? []),
  }
}
