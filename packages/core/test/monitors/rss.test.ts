import { expect, test } from 'vitest'
import type { Reading } from '../../src/contracts/monitor.ts'
import { rssMonitor } from '../../src/monitors/rss.ts'
import { systemClock } from '../../src/process/clock.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

/** Collects what a monitor yields until the signal aborts. */
const collect = (readings: AsyncIterable<Reading>) => {
  const taken: Reading[] = []
  const done = (async () => {
    for await (const reading of readings) taken.push(reading)
  })()
  return { taken, done }
}

test('reads at once, then at every interval', async () => {
  const clock = fakeClock()
  const stop = new AbortController()
  let bytes = 100
  const { taken, done } = collect(
    rssMonitor({ read: () => (bytes += 1), limitBytes: 500 }).watch({ clock, signal: stop.signal }),
  )
  await clock.advance(0)
  expect(taken).toEqual([
    {
      monitor: 'rss',
      metric: 'process.rss',
      atMs: 0,
      usedBytes: 101,
      limitBytes: 500,
      lagMs: 0,
    },
  ])
  await clock.advance(2500)
  expect(taken.map(({ atMs, usedBytes }) => [atMs, usedBytes])).toEqual([
    [0, 101],
    [1000, 102],
    [2000, 103],
  ])
  stop.abort()
  await done
  expect(clock.pending).toBe(0)
})

test('without a limit the reading has none', async () => {
  const stop = new AbortController()
  const watch = rssMonitor().watch({ clock: fakeClock(), signal: stop.signal })
  const { value } = await watch[Symbol.asyncIterator]().next()
  expect(value).not.toHaveProperty('limitBytes')
  expect((value as Reading).usedBytes).toBeGreaterThan(10_000_000)
})

test('says how late a reading is, and does not make up for missed ones', async () => {
  const clock = fakeClock()
  // A clock whose timers fire 3.4 s late once, as after a blocked event loop.
  let blockedMs = 0
  const late = {
    ...clock,
    nowMs: () => clock.nowMs() + blockedMs,
  }
  const stop = new AbortController()
  const { taken, done } = collect(
    rssMonitor({ read: () => 1 }).watch({ clock: late, signal: stop.signal }),
  )
  await clock.advance(0)
  blockedMs = 3400
  await clock.advance(1000)
  expect(taken.map(({ atMs, lagMs }) => [atMs, lagMs])).toEqual([
    [0, 0],
    [4400, 3400],
  ])
  await clock.advance(600)
  expect(taken.at(-1)).toMatchObject({ atMs: 5000, lagMs: 0 })
  stop.abort()
  await done
})

test('an aborted watch yields nothing', async () => {
  const { taken, done } = collect(
    rssMonitor().watch({ clock: fakeClock(), signal: AbortSignal.abort() }),
  )
  await done
  expect(taken).toEqual([])
})

test('ends promptly on the real clock, however long the interval', async () => {
  const stop = new AbortController()
  const monitor = rssMonitor({ intervalMs: 600_000 })
  const { taken, done } = collect(monitor.watch({ clock: systemClock, signal: stop.signal }))
  await new Promise((resolve) => setImmediate(resolve))
  stop.abort()
  await done
  expect(taken).toHaveLength(1)
})

test('a failing read ends the watch with its error', async () => {
  const broken = rssMonitor({
    read: () => {
      throw new Error('no memory figures')
    },
  })
  const { done } = collect(
    broken.watch({ clock: fakeClock(), signal: new AbortController().signal }),
  )
  await expect(done).rejects.toThrow('no memory figures')
})

test('options are checked', () => {
  expect(() => rssMonitor({ intervalMs: 1 })).toThrow(
    'Expected `intervalMs` to be a number of at least 10, got 1',
  )
  expect(() => rssMonitor({ limitBytes: 0 })).toThrow('`limitBytes`')
})
