import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { fileQueue } from '@worker-recycler/file-fetch'
import { expect, it } from 'vitest'
import { queueDirectory } from '../src/directory/queue-directory.ts'
import { createListing } from '../src/worker/listing.ts'
import { createWakeUps } from '../src/worker/wake-ups.ts'
import { watchQueue } from '../src/worker/watch-queue.ts'
import { scratchDirectory } from './scratch-directory.ts'

it('a watch that cannot be made is told once, and leaves nothing open', () => {
  const dir = scratchDirectory()
  const errors: unknown[] = []
  const watch = watchQueue(
    [dir, join(dir, 'none')],
    () => {},
    (error) => errors.push(error),
  )
  expect(errors).toMatchObject([{ code: 'ENOENT' }])
  watch.close()
})

it('without a watch the queue is polled every second, which is reported, until it can be watched', async () => {
  const dir = scratchDirectory()
  const clock = fakeClock()
  const directory = queueDirectory(dir, 'none')
  const warned: string[] = []
  const wakes: number[] = []
  let heard = () => {}
  const wakeUps = createWakeUps(
    directory,
    { queues: ['default'], safetyPollMs: 30_000 },
    {
      reader: {
        next: async () => undefined,
        changed: () => {},
        untilNextMs: async () => undefined,
      },
      loop: {
        wake: () => {
          wakes.push(clock.nowMs())
          heard()
        },
        close: async () => {},
      },
      clock,
      logger: { ...silentLogger, warn: (_, message) => warned.push(message) },
    },
  )
  // Nothing is there to watch yet.
  wakeUps.start()
  expect(warned).toEqual(['a queue cannot be watched; it is polled instead'])
  const poll = async () => {
    const { length } = wakes
    await clock.advance(1000)
    while (wakes.length === length || clock.pending === 0) await clock.advance(0)
  }
  await poll()
  await poll()
  expect(wakes).toEqual([1000, 2000])
  await directory.ensure()
  await poll()
  // Watched now: a job wakes it, with no time going by.
  const woken = new Promise<void>((resolve) => {
    heard = resolve
  })
  await fileQueue({ dir }).enqueue('paint', 1)
  await woken
  expect(warned).toHaveLength(1)
  wakeUps.stop()
  expect(clock.pending).toBe(0)
})

it('a long queue is listed once, not for each claim', async () => {
  const dir = scratchDirectory()
  const clock = fakeClock()
  const queue = fileQueue({ dir, fsync: 'none' })
  const jobs = Array.from({ length: 300 }, (_, payload) => ({ name: 'paint', payload }))
  const ids = (await queue.enqueueMany(jobs)).map(({ id }) => id)
  const ready = join(dir, 'queues/default/ready')
  const listing = createListing(ready, clock, async () => {})
  const served: (string | undefined)[] = [(await listing.head())?.job.id]
  // From here on a listing would find nothing.
  rmSync(ready, { recursive: true })
  for (let each = 1; each < 300; each += 1) {
    listing.changed()
    listing.drop()
    served.push((await listing.head())?.job.id)
  }
  expect(served).toEqual(ids)
  listing.drop()
  expect(await listing.head()).toBeUndefined()
})

it('a change is looked at after a second, though the last listing still serves', async () => {
  const dir = scratchDirectory()
  const clock = fakeClock()
  const queue = fileQueue({ dir, clock })
  const later = await queue.enqueue('paint', 1, { runAt: new Date(clock.epochMs()) })
  const listing = createListing(join(dir, 'queues/default/ready'), clock, async () => {})
  expect((await listing.head())?.job.id).toBe(later.id)
  const earlier = await queue.enqueue('paint', 1, { runAt: new Date(clock.epochMs() - 1) })
  listing.changed()
  expect((await listing.head())?.job.id).toBe(later.id)
  expect(listing.dueMs()).toBe(1000)
  await clock.advance(1000)
  expect((await listing.head())?.job.id).toBe(earlier.id)
})
