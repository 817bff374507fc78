import type { MemoryEvents, Reading } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReadingQueue } from '../src/reading-queue.ts'

const readingAt = (atMs: number, more: Partial<Reading> = {}): Reading => ({
  monitor: 'psi',
  metric: 'cgroup.unreclaimable',
  atMs,
  ...more,
})
const HELD = 256

/** All that is queued: what comes first ends it. */
const drain = async (queue: ReturnType<typeof createReadingQueue>): Promise<Reading[]> => {
  queue.fail(new Error('drained'))
  const readings: Reading[] = []
  try {
    for await (const reading of queue.readings(new AbortController().signal)) readings.push(reading)
  } catch (error) {
    expect(error).toEqual(new Error('drained'))
  }
  return readings
}

describe('readings', () => {
  it('come in the order in which they were taken', async () => {
    const queue = createReadingQueue()
    for (const atMs of [1, 2, 3]) queue.push(readingAt(atMs))
    expect((await drain(queue)).map(({ atMs }) => atMs)).toEqual([1, 2, 3])
  })

  it('are waited for', async () => {
    const queue = createReadingQueue()
    const readings = queue.readings(new AbortController().signal)
    const first = readings.next()
    queue.push(readingAt(1))
    expect((await first).value?.atMs).toBe(1)
    const second = readings.next()
    queue.push(readingAt(2))
    queue.push(readingAt(3))
    expect((await second).value?.atMs).toBe(2)
    expect((await readings.next()).value?.atMs).toBe(3)
    await readings.return(undefined)
  })

  it('are each given out once', async () => {
    const queue = createReadingQueue()
    const { signal } = new AbortController()
    queue.push(readingAt(1))
    for await (const reading of queue.readings(signal)) {
      expect(reading.atMs).toBe(1)
      break
    }
    queue.push(readingAt(2))
    expect((await drain(queue)).map(({ atMs }) => atMs)).toEqual([2])
  })
})

describe('the end', () => {
  it('comes without an error when the signal aborts while nothing is there', async () => {
    const queue = createReadingQueue()
    const controller = new AbortController()
    const next = queue.readings(controller.signal).next()
    controller.abort()
    expect(await next).toEqual({ value: undefined, done: true })
  })

  it('comes on abort though readings are left, and before a failure', async () => {
    const queue = createReadingQueue()
    const controller = new AbortController()
    queue.push(readingAt(1))
    queue.fail(new Error('unheard'))
    controller.abort()
    expect((await queue.readings(controller.signal).next()).done).toBe(true)
  })

  it('leaves no listener at the signal', async () => {
    const queue = createReadingQueue()
    const { signal } = new AbortController()
    const added: unknown[] = []
    const removed: unknown[] = []
    signal.addEventListener = (_type: string, listener: unknown) => added.push(listener)
    signal.removeEventListener = (_type: string, listener: unknown) => removed.push(listener)
    queue.push(readingAt(1))
    const readings = queue.readings(signal)
    await readings.next()
    await readings.return(undefined)
    expect(added).toHaveLength(1)
    expect(removed).toEqual(added)
  })

  it('is a failure once what was queued before is out', async () => {
    const queue = createReadingQueue()
    const readings = queue.readings(new AbortController().signal)
    queue.push(readingAt(1))
    queue.push(readingAt(2))
    queue.fail(new Error('gone'))
    expect((await readings.next()).value?.atMs).toBe(1)
    expect((await readings.next()).value?.atMs).toBe(2)
    await expect(readings.next()).rejects.toThrow('gone')
  })

  it('is a failure for whoever waits', async () => {
    const queue = createReadingQueue()
    const next = queue.readings(new AbortController().signal).next()
    queue.fail(new Error('gone'))
    await expect(next).rejects.toThrow('gone')
  })

  it('is a failure whatever was thrown', async () => {
    const queue = createReadingQueue()
    queue.fail(undefined)
    const next = queue.readings(new AbortController().signal).next()
    await expect(next).rejects.toBeUndefined()
  })
})

describe('readings that nobody asks for', () => {
  it('are dropped from the oldest on', async () => {
    const queue = createReadingQueue()
    for (let atMs = 1; atMs <= HELD + 10; atMs += 1) queue.push(readingAt(atMs))
    const kept = await drain(queue)
    expect(kept).toHaveLength(HELD)
    expect([kept[0]?.atMs, kept.at(-1)?.atMs]).toEqual([11, HELD + 10])
  })

  it('leave their events to the next one of their metric', async () => {
    const queue = createReadingQueue()
    queue.push(readingAt(1, { events: { high: 1, oom: 1 } }))
    queue.push(readingAt(2, { metric: 'v8.heap' }))
    queue.push(readingAt(3, { events: { high: 2, max: 1 } }))
    for (let atMs = 4; atMs <= HELD + 1; atMs += 1) queue.push(readingAt(atMs))
    const [heap, heir, next] = await drain(queue)
    expect([heap?.metric, heap?.events]).toEqual(['v8.heap', undefined])
    expect(heir).toEqual(readingAt(3, { events: { high: 3, max: 1, oom: 1, oomKill: 0 } }))
    expect(next?.events).toBeUndefined()
  })

  it('lose no event, however many are dropped', async () => {
    const event = fc.option(fc.record({ high: fc.nat(9), oom: fc.nat(1) }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 3 * HELD, size: 'max' }), async (pushed) => {
        const queue = createReadingQueue()
        for (const [atMs, events] of pushed.entries()) {
          queue.push(readingAt(atMs, events && { events }))
        }
        const kept = await drain(queue)
        expect(kept).toHaveLength(Math.min(HELD, pushed.length))
        expect(sum(kept.map(({ events }) => events))).toEqual(sum(pushed))
      }),
      // To make so long a list shorter takes longer than to read it.
      { numRuns: 30, endOnFailure: true },
    )
  })

  it('lose no event to many readings of another metric', async () => {
    const queue = createReadingQueue()
    queue.push(readingAt(0, { events: { oom: 1 } }))
    for (let atMs = 1; atMs <= 2 * HELD; atMs += 1)
      queue.push(readingAt(atMs, { metric: 'v8.heap' }))
    queue.push(readingAt(3 * HELD))
    const kept = await drain(queue)
    expect(kept).toHaveLength(HELD)
    expect(sum(kept.map(({ events }) => events)).oom).toBe(1)
  })
})

function sum(all: readonly (MemoryEvents | undefined)[]): { high: number; oom: number } {
  const of = (key: 'high' | 'oom') => all.reduce((total, events) => total + (events?.[key] ?? 0), 0)
  return { high: of('high'), oom: of('oom') }
}
