import assert from 'node:assert/strict'
import type { Check } from '../../suite.ts'
import { inMs, MB, nowMs, startMonitored } from './monitored.ts'
import { unified } from './unified.ts'

/** A limit above the own cgroup. */
export const sliceCheck: Check = {
  name: 'finds and names the lower limit of a slice above it',
  when: unified,
  run: async (context) => {
    await context.run('systemctl', ['set-property', '--runtime', 'narrow.slice', 'MemoryMax=96M'])
    const worker = await startMonitored(context, {}, ['Slice=narrow.slice', 'MemoryMax=256M'])
    const { reading } = await worker.reading(() => true)
    assert.equal(reading.limitBytes, 96 * MB)
    assert.equal(reading.limitedBy, '/sys/fs/cgroup/narrow.slice/memory.max')
    return reading.limitedBy
  },
}

/** Head-room that is granted while the worker runs. */
export const raisedLimitCheck: Check = {
  name: 'sees MemoryHigh raised at run time',
  when: unified,
  run: async (context) => {
    const properties = ['MemoryHigh=96M', 'MemoryMax=256M']
    const worker = await startMonitored(context, {}, properties)
    const { unit, cgroup } = worker.service
    const { reading } = await worker.reading(() => true)
    assert.equal(reading.limitBytes, 96 * MB)
    assert.equal(reading.limitedBy, `${cgroup}/memory.high`)
    await context.run('systemctl', ['set-property', '--runtime', unit, 'MemoryHigh=192M'])
    const raisedMs = nowMs()
    assert.equal(worker.service.read('memory.high'), String(192 * MB))
    const later = await worker.reading(({ limitBytes }) => limitBytes === 192 * MB)
    return `96 MB, then 192 MB, ${inMs(later.reading.atMs - raisedMs)} after systemctl returned`
  },
}

/** The accounts of cgroup v1. */
export const legacyCheck: Check = {
  name: 'reads usage and limit from cgroup v1',
  when: ({ cgroup }) => cgroup === 1 || 'it has cgroup v2',
  run: async (context) => {
    const worker = await startMonitored(context, { holdMb: 32 }, ['MemoryMax=128M'])
    const { reading } = await worker.reading(() => true)
    assert.equal(reading.limitBytes, 128 * MB)
    assert.equal(reading.limitedBy, `${worker.service.cgroup}/memory.limit_in_bytes`)
    const usage = Number(worker.service.read('memory.usage_in_bytes'))
    const used = reading.usedBytes ?? 0
    assert.ok(used >= 32 * MB && used <= usage * 1.1, `${used} of ${usage} bytes are in use`)
    const events = await worker.source('memory-events')
    assert.equal(events.state, 'refused')
    return `${(used / MB).toFixed(0)} MB of ${(usage / MB).toFixed(0)} in memory.usage_in_bytes; ${events.sentence}`
  },
}
