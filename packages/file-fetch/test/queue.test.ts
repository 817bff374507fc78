import {
  existsSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import { fileQueue } from '@worker-recycler/file-fetch'
import { describe, expect, it } from 'vitest'
import { queueDirectory } from '../src/directory/queue-directory.ts'
import { tidy, tidyIfDue } from '../src/directory/tidy.ts'
import { directoryOracle } from './directory-oracle.ts'
import { inProcessWorker } from './in-process-worker.ts'
import { scratchDirectory } from './scratch-directory.ts'

describe('enqueueing', () => {
  it('makes one readable file a job', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock({ epochMs: 1_767_225_600_000 })
    const { id, outcome } = await fileQueue({ dir, clock }).enqueue('paint', { litres: 2 })
    const name = `1767225600000-0000~${id}~paint~default~f0i0b0.json`
    expect(outcome).toBe('enqueued')
    expect(directoryOracle(dir).names('queues', 'default', 'ready')).toEqual([name])
    expect(JSON.parse(readFileSync(join(dir, 'queues/default/ready', name), 'utf8'))).toEqual({
      version: 1,
      id,
      name: 'paint',
      queue: 'default',
      enqueuedAtEpochMs: 1_767_225_600_000,
      payload: { litres: 2 },
    })
    expect(directoryOracle(dir).names('tmp')).toEqual([])
  })

  it('keeps the order of jobs of one millisecond', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir, clock: fakeClock() })
    const jobs = Array.from({ length: 50 }, (_, payload) => ({ name: 'paint', payload }))
    const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toEqual(ids)
    expect((await queue.jobs('ready')).map(({ id }) => id)).toEqual(ids)
  })

  it('puts delayed jobs apart, in the order in which they are due', async () => {
    const dir = scratchDirectory()
    const clock = fakeClock()
    const queue = fileQueue({ dir, clock })
    const late = await queue.enqueue('paint', 1, { delayMs: 60_000 })
    const soon = await queue.enqueue('paint', 2, { runAt: new Date(clock.epochMs() + 5000) })
    const past = await queue.enqueue('paint', 3, { runAt: new Date(clock.epochMs() - 5000) })
    expect(directoryOracle(dir).ids('queues', 'default', 'scheduled')).toEqual([soon.id, late.id])
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toEqual([past.id])
  })

  it('writes nothing when one of many is invalid', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const jobs = [
      { name: 'paint', payload: 1 },
      { name: 'paint', payload: 2, queue: '../../etc' },
    ]
    await expect(queue.enqueueMany(jobs)).rejects.toThrow(TypeError)
    expect(directoryOracle(dir).names()).toEqual([])
  })

  it.each([
    [{ delayMs: -1 }, /`delayMs`/],
    [{ delayMs: Number.NaN }, /`delayMs`/],
    [{ runAt: new Date('x') }, /`runAt`/],
    [{ delayMs: 1, runAt: new Date() }, /got both/],
    [{ id: '../x' }, /`id`/],
    [{ queue: '' }, /queue's name/],
  ])('refuses %j', async (options, words) => {
    const queue = fileQueue({ dir: scratchDirectory() })
    await expect(queue.enqueue('paint', 1, options)).rejects.toThrow(words)
  })

  it('refuses a payload that no worker would read', async () => {
    const queue = fileQueue({ dir: scratchDirectory() })
    await expect(queue.enqueue('paint', 'x'.repeat(17 * 1024 * 1024))).rejects.toThrow(
      /payload of at most/,
    )
  })

  it('refuses a tree with a link in it that leads out', async () => {
    const dir = scratchDirectory()
    const elsewhere = scratchDirectory()
    await mkdir(join(dir, 'queues'))
    symlinkSync(elsewhere, join(dir, 'queues', 'default'))
    await expect(fileQueue({ dir }).enqueue('paint', 1)).rejects.toThrow(/symbolic link/)
    expect(directoryOracle(elsewhere).names()).toEqual([])
  })
})

describe('an id that the caller chose', () => {
  it('is refused while its job waits, is held, or is kept as completed', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const again = async () => (await queue.enqueue('paint', 2, { id: 'wall-7' })).outcome
    expect(await again()).toBe('enqueued')
    expect(await again()).toBe('duplicate')
    const worker = inProcessWorker({ dir })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    expect(await again()).toBe('duplicate')
    worker.runs[0]?.finish()
    await worker.until(() => worker.settled.length === 1)
    expect(await again()).toBe('duplicate')
    expect(directoryOracle(dir).copies()).toEqual(new Map([['wall-7', 1]]))
  })

  it('goes to one of many that ask at once', async () => {
    const dir = scratchDirectory()
    const queues = Array.from({ length: 8 }, () => fileQueue({ dir, clock: fakeClock() }))
    for (let round = 0; round < 20; round += 1) {
      const id = `job-${round}`
      const results = await Promise.all(queues.map((queue) => queue.enqueue('paint', 1, { id })))
      expect(results.filter(({ outcome }) => outcome === 'enqueued')).toHaveLength(1)
    }
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toHaveLength(20)
    expect(directoryOracle(dir).names('tmp')).toEqual([])
  })

  it('is free again when its job is gone', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    await queue.enqueue('paint', 1, { id: 'wall-7' })
    const [stored] = await queue.jobs('ready')
    unlinkSync(stored?.path ?? '')
    expect((await queue.enqueue('paint', 2, { id: 'wall-7' })).outcome).toBe('enqueued')
  })

  it('is published by the next who asks, when its producer was killed half way', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    await queue.enqueue('paint', 1, { id: 'wall-7' })
    const [stored] = await queue.jobs('ready')
    const path = stored?.path ?? ''
    // As it lies after link(2), before rename(2).
    renameSync(path, path.replace('queues/default/ready', 'tmp'))
    expect((await queue.enqueue('paint', 1, { id: 'wall-7' })).outcome).toBe('duplicate')
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toEqual(['wall-7'])
    expect(directoryOracle(dir).copies()).toEqual(new Map([['wall-7', 1]]))
  })
})

describe('tidying', () => {
  it('removes what killed producers left after an hour, and publishes what was reserved', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    await queue.enqueue('paint', 1, { id: 'kept' })
    await queue.enqueue('paint', 1, { id: 'fresh' })
    for (const { path } of await queue.jobs('ready')) {
      renameSync(path, path.replace('queues/default/ready', 'tmp'))
    }
    writeFileSync(join(dir, 'tmp', '1767225600000-0000~torn~paint~default~f0i0b0.json'), '{"ver')
    const old = new Date(Date.now() - 2 * 3_600_000)
    for (const name of directoryOracle(dir).names('tmp')) {
      if (!name.includes('fresh')) utimesSync(join(dir, 'tmp', name), old, old)
    }
    await tidy(queueDirectory(dir, 'none'), Date.now())
    expect(directoryOracle(dir).ids('queues', 'default', 'ready')).toEqual(['kept'])
    expect(directoryOracle(dir).ids('tmp')).toEqual(['fresh'])
  })

  it('is done by whoever comes first in ten minutes', async () => {
    const dir = scratchDirectory()
    const directory = queueDirectory(dir, 'none')
    await directory.ensure()
    const now = Date.now()
    const litter = join(dir, 'tmp', 'litter')
    const old = new Date(now - 2 * 3_600_000)
    const tidies = async (epochMs: number) => {
      writeFileSync(litter, '')
      utimesSync(litter, old, old)
      await tidyIfDue(directory, epochMs)
      return !existsSync(litter)
    }
    expect(await tidies(now)).toBe(true)
    expect(await tidies(now + 9 * 60_000)).toBe(false)
    expect(await tidies(now + 11 * 60_000)).toBe(true)
  })
})

describe('status', () => {
  it('counts what is there, and shows workers and what they hold', async () => {
    const dir = scratchDirectory()
    const queue = fileQueue({ dir })
    const worker = inProcessWorker({ dir, concurrency: 1 })
    const held = await queue.enqueue('paint', 1)
    await queue.enqueue('paint', 2)
    await queue.enqueue('glaze', 3, { queue: 'later', delayMs: 60_000 })
    await worker.start()
    await worker.until(() => worker.runs.length === 1)
    const status = await queue.status()
    expect(status).toMatchObject({
      queues: [
        { queue: 'default', ready: 1, scheduled: 0 },
        { queue: 'later', ready: 0, scheduled: 1 },
      ],
      working: 1,
      completed: 0,
      dead: 0,
      quarantine: 0,
      malformed: 0,
      recovering: [],
      workers: [
        {
          identity: worker.identity,
          liveness: 'alive',
          pid: process.pid,
          jobs: [{ id: held.id, name: 'paint', queue: 'default' }],
        },
      ],
    })
    expect(status.workers[0]?.jobs[0]?.ageMs).toBeLessThan(60_000)
    expect((await queue.jobs('working')).map(({ id }) => id)).toEqual([held.id])
  })

  it('of a directory that nobody made is empty', async () => {
    const queue = fileQueue({ dir: join(scratchDirectory(), 'none') })
    expect(await queue.status()).toMatchObject({ queues: [], working: 0, workers: [] })
    expect(await queue.jobs('ready')).toEqual([])
    expect(await queue.quarantine.show('x')).toBeUndefined()
    expect(await queue.quarantine.release('x')).toBe(false)
    expect(await queue.dead.discard('x')).toBe(false)
    expect((await queue.recover()).recovered).toEqual([])
  })
})

it('names the option that is invalid', () => {
  expect(() => fileQueue({ dir: '' })).toThrow(/`dir`/)
  expect(() => fileQueue({ dir: 'x', fsync: 'sometimes' as 'none' })).toThrow(
    /`fsync`.*"sometimes"/,
  )
  expect(() => fileQueue({ dir: 'x', maxInterruptions: 0 })).toThrow(/`maxInterruptions`.*got 0/)
})
