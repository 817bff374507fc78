import { execFile } from 'node:child_process'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { type Container, startContainer, withoutContainer } from './container.ts'

const MIB = 1024 * 1024
const reason = withoutContainer()
const producer = fileURLToPath(new URL('../src/producer.ts', import.meta.url))

const because = reason ? ` (skipped: ${reason})` : ''

// Some of them start six processes one after the other, on machines that are busy with other tests.
describe.skipIf(reason)(`the container${because}`, { timeout: 180_000 }, () => {
  const { raw, server, url } = sharedRedis({ config: ['maxmemory-policy noeviction'] })

  const start = async (
    memoryMib: number,
    env: Readonly<Record<string, string>>,
  ): Promise<Container> => {
    const container = await startContainer({
      hostname: 'resizer-0',
      memoryBytes: memoryMib * MIB,
      env: { REDIS_URL: url(), ...env },
    })
    await container.untilLine(/^worker 0 ready/)
    return container
  }
  const enqueue = async (count: number, ms: number, leakMib = 0): Promise<void> => {
    const args = ['--import', 'tsx', '--conditions=@worker-recycler/source', producer]
    await promisify(execFile)(process.execPath, [...args, `${count}`, `${ms}`, `${leakMib}`], {
      env: { ...process.env, REDIS_URL: url() },
    })
  }
  const waiting = () => raw().text('LLEN', '{wr/default}:wait')
  const done = ({ lines }: Container) =>
    lines.flatMap((line) => /done {3}(cat-\d+\.png)$/.exec(line)?.[1] ?? [])
  const cats = (count: number) =>
    Array.from({ length: count }, (_, index) => `cat-${index + 1}.png`).toSorted()
  const untilAllDone = async (container: Container, count: number): Promise<void> => {
    for (let job = 1; job <= count; job += 1) {
      await container.untilLine(new RegExp(`done {3}cat-${job}\\.png$`))
    }
  }
  /** PID 1 reaps its workers. tsx's esbuild is such an orphan as the README speaks of. */
  const unreaped = (container: Container) =>
    container.zombies().filter((name) => name !== 'esbuild')
  const untilProbe = async (container: Container, path: '/live' | '/ready', answer: RegExp) => {
    while (!answer.test(await container.probe(path))) await turn()
  }

  it('recycles a worker that leaks, and stays; no job runs twice', async () => {
    const JOBS = 170
    const container = await start(560, { WORKERS: '1' })
    // At 345 MiB a worker is asked to recycle, at 397 it is killed.
    expect(container.lines[0]).toMatch(/^resizer-0: workers of 432 MiB, /)
    await enqueue(JOBS, 200, 2)
    await container.untilLine(/^worker 0 leaves \(recycle\)$/)
    await container.untilLine(/ is gone \(recycle\): 0 jobs put back$/)
    await untilAllDone(container, JOBS)
    expect(done(container).toSorted()).toEqual(cats(JOBS))
    expect(container.lines.filter((line) => line.includes('ready, pid')).length).toBeGreaterThan(1)
    expect(unreaped(container)).toEqual([])
    expect(await container.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('survives a job that takes all memory: it ends in quarantine, its neighbours are done', async () => {
    const JOBS = 6
    const container = await start(800, { WORKERS: '2' })
    await container.untilLine(/^worker 1 ready/)
    await enqueue(JOBS, 1500)
    await enqueue(1, 60_000, 700)
    await container.untilLine(/ is gone \(memory\): \d+ jobs put back$/)
    while ((await raw().text('ZCARD', '{wr/default}:quarantine')) !== 1) await turn()
    await untilAllDone(container, JOBS)
    await untilProbe(container, '/ready', /^200/)
    expect(unreaped(container)).toEqual([])
    expect(await container.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    await raw().text('FLUSHALL')
  })

  it('finishes on SIGTERM what it has begun, leaves the rest in the queue, and ends with 0', async () => {
    const container = await start(800, { WORKERS: '1', STOP_SECONDS: '50' })
    await enqueue(10, 1500)
    await container.untilLine(/begins cat-4\.png$/)
    expect(await container.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const finished = done(container)
    expect(finished.length).toBeGreaterThanOrEqual(4)
    expect(await waiting()).toBe(10 - finished.length)
    expect(await raw().text('ZCARD', '{wr}:workers')).toBe(0)
    await raw().text('FLUSHALL')
  })

  it('hands back on SIGTERM what cannot finish, and nobody is blamed for it', async () => {
    const container = await start(800, { WORKERS: '1', STOP_SECONDS: '3' })
    await enqueue(2, 600_000)
    await container.untilLine(/begins cat-2\.png$/)
    expect(await container.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(done(container)).toEqual([])
    const jobs = (await raw().text('LRANGE', '{wr/default}:wait', 0, -1)) as string[]
    expect(jobs).toHaveLength(2)
    for (const job of jobs) expect(job).not.toMatch(/"blamed":[1-9]|"cause"/)
    await raw().text('FLUSHALL')
  })

  it('takes over, as it starts, what a container of its name held when it was killed', async () => {
    const first = await start(800, { WORKERS: '2' })
    await first.untilLine(/^worker 1 ready/)
    await enqueue(8, 600_000)
    for (let job = 1; job <= 8; job += 1) {
      await first.untilLine(new RegExp(`begins cat-${job}\\.png$`))
    }
    const dead = (await raw().text('ZRANGE', '{wr}:workers', 0, -1)) as string[]
    expect(dead).toHaveLength(2)
    await first.kill('SIGKILL')
    expect(await waiting()).toBe(0)

    const second = await start(800, { WORKERS: '2' })
    await second.untilLine(/^worker 1 ready/)
    // Each was declared dead by the worker that has its name now, not by somebody whom its lease told.
    for (const identity of dead) {
      expect(await raw().text('EXISTS', `{wr}:fence:${identity}`)).toBe(1)
      const heir = await raw().text('HGET', `{wr}:fence:${identity}`, 'by')
      expect(Object.values((await raw().text('HVALS', '{wr}:names')) as string[])).toContain(heir)
    }
    for (let job = 1; job <= 8; job += 1) {
      await second.untilLine(new RegExp(`begins cat-${job}\\.png, run 2$`))
    }
    expect(await second.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    await raw().text('FLUSHALL')
  })

  it('tells by its probes whether it lives, and whether it takes jobs', async () => {
    const container = await start(800, { WORKERS: '2' })
    await untilProbe(container, '/ready', /^200 yes$/)
    await server().kill()
    await untilProbe(container, '/ready', /^503 Redis does not answer/)
    expect(await container.probe('/live')).toBe('200 yes')
    await server().restart()
    await untilProbe(container, '/ready', /^200 yes$/)
    // An operator's SIGTERM to one worker: it chose to stop, and is not started again.
    process.kill(container.workerPid(0), 'SIGTERM')
    await untilProbe(container, '/live', /^503 worker 0 is not started again$/)
    expect(await container.probe('/ready')).toBe('200 yes')
    expect(await container.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
