import assert from 'node:assert/strict'
import type { Context } from '../../guest/context.ts'
import { counter } from '../../guest/counter.ts'
import type { Check } from '../../suite.ts'
import { inMs, type Monitored, type Told, nowMs, startMonitored } from './monitored.ts'
import { ofTheKernel } from './of-the-kernel.ts'

const PROPERTIES = ['MemoryHigh=112M', 'MemoryMax=160M']
const LEAK_MB_PER_SECOND = 10

/** How long after the kernel counted the first `high` a reading tells it. */
export const eventsCheck: Check = {
  name: 'hears of memory.events in the worker, in a thread of it, and from outside',
  when: ofTheKernel,
  run: async (context) => {
    const worker = await startLeak(context, false)
    const { cgroup } = worker.service
    const outside = await startMonitored(context, { monitor: { target: { cgroup } } })
    await outside.source('memory-events')
    const calmMs = await lastCalm(context, worker)
    const inLoop = await heardHigh(worker)
    const { reading } = await heardHigh(outside)
    await worker.service.stop()
    await outside.service.stop()

    const threaded = await startLeak(context, true)
    const threadCalmMs = await lastCalm(context, threaded)
    const inThread = await heardHigh(threaded)
    const warned = threaded.service.lines().find((line) => 'warned' in line)
    assert.equal(warned, undefined, 'the thread did not sample')
    return [
      `at most so long after the kernel's count: in the worker ${lateness(inLoop, calmMs)}`,
      `in a thread of it ${lateness(inThread, threadCalmMs)}`,
      `from outside ${inMs(reading.atMs - calmMs)}`,
    ].join(', ')
  },
}

function startLeak(context: Context, thread: boolean): Promise<Monitored> {
  const work = { leakMbPerSecond: LEAK_MB_PER_SECOND, monitor: { thread } }
  return startMonitored(context, work, PROPERTIES)
}

/** The last time that nothing was counted: what follows is late by so much at most. */
async function lastCalm({ until }: Context, { service }: Monitored): Promise<number> {
  let calmMs = nowMs()
  await until(() => {
    const beforeMs = nowMs()
    if (counter(`${service.cgroup}/memory.events`, 'high') > 0) return true
    calmMs = beforeMs
    return undefined
  }, 1)
  return calmMs
}

const heardHigh = ({ reading }: Monitored) => reading(({ events }) => (events?.high ?? 0) > 0)

const lateness = ({ reading, seenMs }: Told, calmMs: number) =>
  `${inMs(reading.atMs - calmMs)} (${inMs(seenMs - calmMs)} in its event loop)`
