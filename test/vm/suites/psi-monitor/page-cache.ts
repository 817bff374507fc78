import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { bigFile } from './big-file.ts'
import { MB, shareOf, startMonitored } from './monitored.ts'
import { ofTheKernel } from './of-the-kernel.ts'

const LIMIT = 72 * MB
const ALARM_SHARE = 0.8
const PASSES = 1

/** A cgroup that is full of page cache is not short of memory. */
export const pageCacheCheck: Check = {
  name: 'does not count page cache, though it fills the cgroup up to MemoryMax',
  when: ofTheKernel,
  run: async (context) => {
    const work = { file: await bigFile(context, 144), monitor: { calmMs: 200 } }
    const worker = await startMonitored(context, work, ['MemoryMax=72M'])
    await worker.service.line('passes', ({ passes }) => Number(passes) >= PASSES)
    const peak = Number(worker.service.read('memory.peak'))
    const current = Number(worker.service.read('memory.current'))
    assert.ok(current >= LIMIT * 0.95, `memory.current is ${current}: the cache was not filled`)
    const told = worker.told()
    const shares = told.map(({ reading }) => shareOf(reading))
    const most = Math.max(...shares)
    assert.ok(most < ALARM_SHARE, `a reading says that ${most} of the limit is in use`)
    const stalledMs = Math.max(...told.map(({ reading }) => reading.stall?.someMs ?? 0))
    return `${told.length} readings, at most ${(most * 100).toFixed(0)} % in use, while memory.current was ${(current / MB).toFixed(1)} and its peak ${(peak / MB).toFixed(1)} of 72 MB; at most ${stalledMs.toFixed(0)} ms stalled in 2 s`
  },
}
