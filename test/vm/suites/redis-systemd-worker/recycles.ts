import assert from 'node:assert/strict'
import { type Instance, limitMb, LIMITS_MB, noted, unitOf } from './example.ts'
import { chapter } from './story.ts'

const LEAKY: Instance = 'worker-1'
/** What each instance gets; those of one leak. */
const JOBS: Readonly<Record<Instance, number>> = {
  orchestrator: 10,
  'worker-1': 200,
  'worker-hosts-queue-1': 40,
}
const TOTAL = Object.values(JOBS).reduce((sum, count) => sum + count, 0)

/** A death on record, as the command prints it. */
interface Death {
  readonly cause: string
  readonly memoryPeakBytes: number
}

/** Hundreds of jobs that really leak. */
export const recyclesCheck = chapter(
  `recycles before its limit while ${TOTAL} jobs leak, and runs each of them once`,
  300_000,
  async ({ until }, { run, enqueue, show, cgroup, journal }) => {
    const startMs = performance.now()
    await enqueue(JOBS[LEAKY], LEAKY, { ms: 200, leakMb: 1, name: 'many-leaky' })
    await enqueue(JOBS.orchestrator, 'orchestrator', { ms: 50, name: 'many-steps' })
    await enqueue(JOBS['worker-hosts-queue-1'], 'worker-hosts-queue-1', {
      ms: 100,
      name: 'many-hosts',
    })
    await until(() => noted('done', 'many-').length >= TOTAL || undefined, 500)
    const seconds = Math.round((performance.now() - startMs) / 1000)

    const begun = noted('begins', 'many-').map(({ name }) => name)
    assert.equal(begun.length, TOTAL, 'a job ran again')
    assert.equal(new Set(begun).size, TOTAL)
    const restarts = Number(await show(LEAKY, 'NRestarts'))
    assert.ok(restarts >= 1, 'it did not recycle')
    const deaths = (await run('worker-recycler-systemd.mjs', 'deaths', unitOf(LEAKY), '--json'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Death)
    assert.deepEqual([...new Set(deaths.map(({ cause }) => cause))], ['recycle'])
    assert.equal(deaths.length, restarts)
    const peaksMb = deaths.map(({ memoryPeakBytes }) => Math.round(limitMb(`${memoryPeakBytes}`)))
    assert.ok(Math.max(...peaksMb) < LIMITS_MB.max)
    assert.match(cgroup(LEAKY, 'memory.events'), /^oom_kill 0$/m)
    const text = await journal(LEAKY)
    assert.ok(!/Failed with result/.test(text))
    const why = /Recycle requested: .*reasons=(.*)/.exec(text)?.[1]
    const granted = text.match(/Head-room granted/g)?.length ?? 0
    return `${restarts} recycles in ${seconds} s, at ${peaksMb.join(', ')} MB of ${LIMITS_MB.max} at most, head-room granted ${granted} times; ${why}`
  },
)
