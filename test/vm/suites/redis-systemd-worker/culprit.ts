import assert from 'node:assert/strict'
import { type Instance, limitMb, type Note, noted, notes, SIZES } from './example.ts'
import { chapter } from './story.ts'

const HIT: Instance = 'worker-hosts-queue-1'
const RAISED_MB = { max: 400, high: 384 } as const
const RAISE = [
  '--instance',
  `${HIT}=${RAISED_MB.max}M`,
  '--instance',
  `${HIT}:high=${RAISED_MB.high}M`,
]
const COMMAND = 'worker-recycler-redis.mjs'

/** As `worker-recycler-redis quarantine list` prints it. */
interface Quarantine {
  readonly jobs: readonly { readonly id: string; readonly payload: { readonly name: string } }[]
}

/** What follows for the job that was to blame, and for those that were not. */
export const culpritCheck = chapter(
  'runs the culprit again alone, quarantines it when the kernel kills again, and runs it once it is released with more memory',
  240_000,
  async ({ until }, { run, cgroup, redis }) => {
    const inQuarantine = async () =>
      (JSON.parse(await run(COMMAND, 'quarantine', 'list', '--json')) as Quarantine).jobs
    await until(() => noted('done', 'sibling-').length >= 2 || undefined, 200)
    await until(() => noted('begins', 'culprit-').length >= 2 || undefined, 200)
    const job = await untilThere(inQuarantine, until)
    assert.equal(job.payload.name, 'culprit-1')
    assertAlone(notes().filter(({ instance }) => instance === HIT))

    await run('install', ...SIZES, '--', ...RAISE)
    assert.equal(limitMb(cgroup(HIT, 'memory.max')), RAISED_MB.max)
    assert.equal(noted('done', 'culprit-').length, 0)
    await run(COMMAND, 'quarantine', 'release', job.id)
    await until(() => noted('done', 'culprit-')[0], 200)

    const done = notes().filter(({ event }) => event === 'done')
    const begun = new Set(noted('begins', '').map(({ name }) => name))
    assert.equal(done.length, begun.size, 'not every job is done exactly once')
    assert.equal(new Set(done.map(({ name }) => name)).size, begun.size)
    const keys = (await redis('--scan', '--pattern', '{wr/*}:*')).split('\n')
    const jobs = keys.filter((key) => !/:(?:work|recovering):/.test(key) && key !== '')
    assert.deepEqual(jobs, [], 'jobs are left')
    const runs = noted('begins', 'culprit-').map(({ run: nth, pid }) => `${nth} (pid ${pid})`)
    return `runs of the culprit: ${runs.join(', ')}; with ${RAISED_MB.max} MB it is done; ${done.length} jobs, each done once`
  },
)

/** A second run begins when its process runs nothing else, and nothing else begins before it is over. */
function assertAlone(all: readonly Note[]): void {
  const running = new Map<string, Set<string>>()
  for (const { event, name, run, pid } of all) {
    const names = running.get(pid) ?? new Set()
    running.set(pid, names)
    if (event === 'done') names.delete(name)
    else {
      if (run > 1) assert.deepEqual([...names], [], `${name} did not run alone`)
      names.add(name)
    }
  }
}

async function untilThere<T>(
  look: () => Promise<readonly T[]>,
  until: <R>(look: () => R | undefined) => Promise<R>,
): Promise<T> {
  for (;;) {
    const [found] = await look()
    if (found !== undefined) return found
    // Each look starts a program: that is pause enough; it ends with the check.
    await until(() => true)
  }
}
