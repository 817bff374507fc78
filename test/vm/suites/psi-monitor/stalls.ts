import assert from 'node:assert/strict'
import type { Reading } from '@worker-recycler/core'
import type { Check } from '../../suite.ts'
import { bigFile } from './big-file.ts'
import { armKernelTriggers } from './kernel-trigger.ts'
import { inMs, inSeconds, MB, nextKill, startMonitored } from './monitored.ts'
import { ofTheKernel } from './of-the-kernel.ts'

const THRESHOLD_MS = 200
// The file is read again and again while the leak takes the page cache's place: reclaim in earnest.
const PROPERTIES = ['MemoryMax=128M']
const WORK = { leakMbPerSecond: 4, holdMb: 40 }
const FILE_MB = 64

const hasStalled =
  (ms: number) =>
  ({ stall }: Reading) =>
    (stall?.someMs ?? 0) >= ms
const stallText = ({ stall, usedBytes = 0 }: Reading) =>
  `${inMs(stall?.someMs ?? 0)} of ${inMs(stall?.windowMs ?? 0)}, with ${Math.round(usedBytes / MB)} of 128 MB in use`

/** Stalls of the own cgroup, read before the kernel kills. */
export const stallCheck: Check = {
  name: "hears of stalls from its own cgroup's file alone, before MemoryMax",
  when: ofTheKernel,
  run: async (context) => {
    const monitor = { memoryPressureWatch: 'skip', trigger: 'off' } as const
    const file = await bigFile(context, FILE_MB)
    const [trigger] = await armKernelTriggers(context, ['stalls'])
    assert.ok(trigger)
    const killed = nextKill(context)
    const properties = [...PROPERTIES, trigger.property]
    const worker = await startMonitored(context, { ...WORK, file, monitor }, properties)
    const { cgroup } = worker.service
    const total = await worker.source('stall-total')
    assert.deepEqual([total.state, total.path], ['live', `${cgroup}/memory.pressure`])
    // The worker itself prints it, so that it comes before the end.
    const { reading } = await worker.reading(hasStalled(THRESHOLD_MS))
    await Promise.race([killed(), context.until(trigger.fired)])
    const fired = trigger.fired()
    return `${stallText(reading)}; the kernel's trigger ${fired ? `${inSeconds(fired.firedMs - reading.atMs)} later, at ${inMs(fired.stalledMs)} of stall` : 'never'}`
  },
}

/** What systemd sets up is taken. */
export const systemdWatchCheck: Check = {
  name: 'takes the trigger that systemd asks for',
  when: ({ systemd, cgroup }) =>
    (cgroup === 2 && systemd >= 254) ||
    'systemd sets $MEMORY_PRESSURE_WATCH since 254, with cgroup v2',
  run: async (context) => {
    const file = await bigFile(context, FILE_MB)
    const worker = await startMonitored(context, { ...WORK, file }, [
      ...PROPERTIES,
      'MemoryPressureWatch=on',
      'MemoryPressureThresholdSec=150ms',
    ])
    const watch = await worker.source('systemd-watch')
    assert.deepEqual(
      [watch.state, watch.path],
      ['live', `${worker.service.cgroup}/memory.pressure`],
    )
    const { reading } = await worker.reading(hasStalled(150))
    return `${watch.sentence} ${stallText(reading)}`
  },
}
