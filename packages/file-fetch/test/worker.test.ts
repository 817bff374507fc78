import { fakeClock } from '@worker-recycler/core/testing'
import { fileFetch, fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it } from 'vitest'
import { advanceUntil } from './advance-until.ts'
import { directoryOracle } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

describe('order', () => {
  it('is strict between queues, and by time within one', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const jobs = ['low', 'high', 'low', 'high'].map((name, payload) => ({
      name: 'paint',
      payload,
      queue: name,
    }))
    await queue.enqueueMany(jobs)
    const worker = inProcessWorker({ dir, queues: ['high', 'low'], concurrency: 1, auto: true })
    await worker.start()
    await worker.until(() => worker.settled.length === 4)
    expect(worker.runs.map(({ job }) => job.payload)).toEqual([1, 3, 0, 2])
  })

  it('gives a job that was handed back its old place', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const first = await queue.enqueue('paint', 1)
    const worker = inProcessWorker({ dir, concurrency: 1 })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    await queue.enqueue('paint', 2)
    const { signal } = new AbortController()
    await worker.source.quiesce({ signal })
    expect(await worker.source.handBack(worker.lease(first.id), { signal })).toBe('handedBack')
    expect((await queue.jobs('ready'))[0]).toMatchObject({
      id: first.id,
      failures: 0,
      interruptions: 0,
    })
  })
})

describe('delayed jobs', () => {
  it('run when they are due, and not before', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    const startedAt = clock.epochMs()
    const queue = fileQueue({ dir, clock })
    await queue.enqueue('paint', 'later', { delayMs: 90_000 })
    await queue.enqueue('paint', 'now')
    const ranAt: number[] = []
    const worker = inProcessWorker({
      dir,
      clock,
      // It is no poll that finds it.
      safetyPollMs: 1e9,
      handlers: { paint: () => void ranAt.push(clock.epochMs() - startedAt) },
    })
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    await advanceUntil(clock, () => worker.settled.length === 2)
    expect(ranAt[0]).toBe(0)
    expect(ranAt[1]).toBeGreaterThanOrEqual(90_000)
    expect(ranAt[1]).toBeLessThan(1e9)
  })

  it('do not wait for the wall clock to go back over a jump', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    const queue = fileQueue({ dir, clock })
    await queue.enqueue('paint', 'later', { delayMs: 3_600_000 })
    const worker = inProcessWorker({ dir, clock, auto: true })
    await worker.start()
    clock.jumpEpoch(3_600_000)
    // The safety poll sees it, at the latest.
    await advanceUntil(clock, () => worker.settled.length === 1)
    expect(clock.nowMs()).toBeLessThan(3_600_000)
  })
})

describe('failures', () => {
  it('are retried with back-off, then dead with their last error, then released', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    const queue = fileQueue({ dir, clock })
    const { id } = await queue.enqueue('paint', { litres: 2 })
    const ranAt: number[] = []
    const worker = inProcessWorker({
      dir,
      clock,
      retries: { maxAttempts: 3, baseMs: 10_000 },
      handlers: {
        paint: (_, { delivery }) => {
          ranAt.push(clock.epochMs())
          throw new Error(`Dried up in run ${delivery.count}`)
        },
      },
    })
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    expect(await queue.jobs('scheduled')).toMatchObject([{ id, failures: 1, interruptions: 0 }])
    await advanceUntil(clock, () => worker.settled.length === 3)
    const [first = 0, second = 0, third = 0] = ranAt
    expect(second - first).toBeGreaterThanOrEqual(7500)
    expect(third - second).toBeGreaterThanOrEqual(15_000)
    expect(worker.settled.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed'])
    expect(await queue.dead.show(id)).toMatchObject({
      id,
      failures: 3,
      payload: { litres: 2 },
      lastError: { name: 'Error', message: 'Dried up in run 3' },
    })
    expect(directoryOracle(dir).names('errors')).toEqual([`${id}.json`])
    await worker.stop()

    const next = inProcessWorker({ dir, clock })
    await next.start()
    expect(await queue.dead.release(id)).toBe(true)
    await next.until(() => next.runs.length === 1)
    expect(next.runs[0]?.context.delivery).toEqual({ count: 1, interruptions: 0 })
  })

  it('of jobs without a handler say so, whatever the name', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const { id } = await queue.enqueue('constructor', 1)
    const worker = inProcessWorker({ dir, retries: { maxAttempts: 1 } })
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    expect((await queue.dead.show(id))?.lastError?.message).toMatch(
      /No handler for the job "constructor" of queue "default"/,
    )
    expect(await queue.dead.discard(id)).toBe(true)
    expect(await queue.dead.list()).toEqual([])
    expect(directoryOracle(dir).names('errors')).toEqual([])
  })

  it('forget the last error of a job that then completes', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    await fileQueue({ dir, clock }).enqueue('paint', 1)
    const worker = inProcessWorker({ dir, clock })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    worker.runs[0]?.fail(new Error('Dried up'))
    await advanceUntil(clock, () => worker.runs.length === 2)
    expect(directoryOracle(dir).names('errors')).toHaveLength(1)
    worker.runs[1]?.finish()
    await worker.until(() => worker.settled.length === 2)
    expect(directoryOracle(dir).names('errors')).toEqual([])
  })
})

describe('rescue strategies', () => {
  it.each([
    ['retry', 'completed', 1],
    ['skip', 'completed', 0],
    ['fail', 'dead', 0],
    ['hold', 'quarantine', 0],
  ] as const)('%s: an interrupted job ends in %s after %i runs', async (rescue, folder, runs) => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const dying = inProcessWorker({ dir })
    const { id } = await queue.enqueue('paint', 1)
    await dying.start()
    await dying.until(() => dying.runs.length === 1)
    await queue.recover({ identity: dying.identity, cause: 'crash' })
    const worker = inProcessWorker({ dir, auto: true, rescue: { byName: { paint: rescue } } })
    const { id: other } = await queue.enqueue('glaze', 1)
    await worker.start()
    await worker.until(() => worker.settled.some((end) => end.id === other))
    await worker.source.quiesce({ signal: new AbortController().signal })
    expect(worker.runs.filter(({ job }) => job.id === id)).toHaveLength(runs)
    expect(directoryOracle(dir).ids(folder)).toContain(id)
    const error = rescue === 'fail' ? (await queue.dead.show(id))?.lastError : undefined
    expect(error?.code).toBe(rescue === 'fail' ? 'INTERRUPTED' : undefined)
  })

  it('see the interruption of a bystander, though nobody blames it', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    await queue.enqueueMany([
      { name: 'paint', payload: 1 },
      { name: 'glaze', payload: 2 },
    ])
    const dying = inProcessWorker({ dir })
    await dying.start()
    await dying.until(() => dying.runs.length === 2)
    await queue.recover({ identity: dying.identity, cause: 'memory' })
    const worker = inProcessWorker({ dir, auto: true, rescue: { default: 'hold' } })
    const { id } = await queue.enqueue('paint', 3)
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    expect(worker.settled[0]?.id).toBe(id)
    const held = await queue.quarantine.list()
    expect(held.map((job) => job.suspect)).toEqual([true, true])
    for (const job of held) await queue.quarantine.release(job.id)
    await worker.until(() => worker.settled.length === 3)
  })
})

describe('suspects', () => {
  it('run alone, and nothing is claimed past them', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const [a, b] = await queue.enqueueMany([
      { name: 'paint', payload: 'a' },
      { name: 'paint', payload: 'b' },
    ])
    const dying = inProcessWorker({ dir, concurrency: 2 })
    await dying.start()
    await dying.until(() => dying.runs.length === 2)
    const worker = inProcessWorker({ dir, concurrency: 3 })
    const { id: long } = await queue.enqueue('paint', 'long')
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    await queue.recover({ identity: dying.identity, cause: 'memory' })
    await queue.enqueueMany([
      { name: 'glaze', payload: 'c' },
      { name: 'glaze', payload: 'd' },
    ])

    const alone = (): number => worker.source.inFlight().length
    expect(worker.runs.map(({ job }) => job.id)).toEqual([long])
    worker.runs[0]?.finish()
    await worker.until(() => worker.runs.length === 2)
    expect([alone(), worker.runs[1]?.job.id]).toEqual([1, a?.id])
    worker.runs[1]?.finish()
    await worker.until(() => worker.runs.length === 3)
    expect([alone(), worker.runs[2]?.job.id]).toEqual([1, b?.id])
    // The rest is for others meanwhile: beside a suspect nothing runs here.
    const other = inProcessWorker({ dir, auto: true })
    await other.start()
    await other.until(() => other.settled.length === 2)
    expect(alone()).toBe(1)
    worker.runs[2]?.finish()
    await worker.until(() => worker.settled.length === 3)
    await other.stop()
    await queue.enqueueMany([
      { name: 'glaze', payload: 'e' },
      { name: 'glaze', payload: 'f' },
    ])
    await worker.until(() => alone() === 2)
  })

  it('are put into quarantine when they kill again, readable and releasable', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const { id } = await queue.enqueue('paint', { litres: 9 })
    for (const to of ['queue', 'quarantine'] as const) {
      const dying = inProcessWorker({ dir })
      await dying.start()
      await dying.until(() => dying.runs.length === 1)
      const { recovered } = await queue.recover({ identity: dying.identity, cause: 'memory' })
      expect(recovered).toEqual([{ id, name: 'paint', from: dying.identity, to }])
    }
    expect(await queue.quarantine.show(id)).toMatchObject({
      payload: { litres: 9 },
      interruptions: 2,
      lastCause: 'memory',
      suspect: true,
    })
    expect(await queue.quarantine.release(id)).toBe(true)
    const worker = inProcessWorker({ dir, auto: true })
    await worker.start()
    await worker.until(() => worker.settled.length === 1)
    expect(worker.runs[0]?.context.delivery).toEqual({ count: 1, interruptions: 0 })
    expect(directoryOracle(dir).ids('completed')).toEqual([id])
  })
})

it.each([
  [{ dir: '' }, /`dir`/],
  [{ queues: [] }, /`queues`/],
  [{ queues: ['a', 'a'] }, /`queues`/],
  [{ queues: ['../a'] }, /queue's name/],
  [{ concurrency: 0 }, /`concurrency` .* got 0/],
  [{ concurrency: Infinity }, /`concurrency`/],
  [{ handlers: { paint: 1 as never } }, /`handlers.paint`/],
  [{ retries: { maxAttempts: 0 } }, /`retries.maxAttempts`/],
  [{ heartbeatMs: -1 }, /`heartbeatMs`/],
  [{ sweepMs: Number.NaN }, /`sweepMs`/],
])('names the option that is invalid: %j', (options, words) => {
  expect(() => fileFetch({ dir: 'x', handlers: {}, ...options })).toThrow(words)
})
