import assert from 'node:assert/strict'
import { redisQueue } from '@worker-recycler/redis-fetch'
import { type Instance, INSTANCES, noted, unitOf } from './example.ts'
import { lastOomKillEpochMs } from './oom-kill.ts'
import { followRedis } from './redis-monitor.ts'
import { chapter } from './story.ts'

const HIT: Instance = 'worker-hosts-queue-1'
/** With what the process has besides, more than its limit. The others still run when it asks for that. */
const JOBS = [
  { name: 'sibling-1', ms: 4000 },
  { name: 'sibling-2', ms: 4000 },
  { name: 'culprit-1', ms: 1000, needsMb: 220 },
]
const BACK = /"[LR]PUSH" "\{wr\/hosts\}:suspects"/

/** What the kernel does to a worker, and what is done about it. */
export const killCheck = chapter(
  'has the siblings of a job for which the kernel kills back in the queue before the next process fetches',
  180_000,
  async (context, { show }) => {
    const { until, run } = context
    const first = await show(HIT, 'InvocationID')
    const monitor = await followRedis(context)
    // From here, so that all are there at once.
    const queue = redisQueue({})
    await queue.enqueueMany(
      JOBS.map((payload) => ({ name: 'work', payload, queue: INSTANCES[HIT] })),
    )
    await queue.close()
    const again = await until(
      () => noted('begins', '').find((note) => note.run === 2 && note.instance === HIT),
      200,
    )
    const second = await show(HIT, 'InvocationID')
    monitor.stop()

    assert.notEqual(second, first)
    const { commands } = monitor
    const back = commands.filter(({ text }) => BACK.test(text))
    assert.equal(back.length, JOBS.length)
    for (const { name } of JOBS) {
      assert.ok(
        back.some(({ text }) => text.includes(name)),
        `${name} was not put back`,
      )
    }
    const lastBackMs = Math.max(...back.map(({ atEpochMs }) => atEpochMs))
    const ofSecond = commands.filter(({ text }) => text.includes(second))
    const firstSignMs = Math.min(...ofSecond.map(({ atEpochMs }) => atEpochMs))
    assert.ok(lastBackMs < firstSignMs, 'the next process was there before the jobs')
    const killedMs = await lastOomKillEpochMs(run, unitOf(HIT))
    const after = (ms: number) => `${((ms - killedMs) / 1000).toFixed(2)} s`
    return `after the kill: all ${back.length} jobs back in the queue ${after(lastBackMs)}, the next process is there ${after(firstSignMs)}; the first that it runs is ${again.name}`
  },
)
