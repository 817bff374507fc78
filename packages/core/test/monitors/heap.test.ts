import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { Reading } from '../../src/contracts/monitor.ts'
import { heapMonitor } from '../../src/monitors/heap.ts'
import { systemClock } from '../../src/process/clock.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

interface GcEntry extends PerformanceEntry {
  readonly detail: { readonly kind: number }
}

/** A heap whose collections the test makes happen. */
const fakeHeap = () => {
  const heard = new Set<() => void>()
  let used = 100
  return {
    read: () => ({ usedBytes: used, limitBytes: 1000 }),
    onMajorCollection: (callback: () => void) => {
      heard.add(callback)
      return () => void heard.delete(callback)
    },
    collect: (left: number) => {
      used = left
      for (const callback of heard) callback()
    },
    listeners: () => heard.size,
  }
}

test('reads at once, then after each major collection', async () => {
  const heap = fakeHeap()
  const clock = fakeClock()
  const stop = new AbortController()
  const readings = heapMonitor(heap).watch({ clock, signal: stop.signal })[Symbol.asyncIterator]()
  const reading = { monitor: 'heap', metric: 'v8.heap', limitBytes: 1000 }
  expect((await readings.next()).value).toEqual({ ...reading, atMs: 0, usedBytes: 100 })
  const next = readings.next()
  await clock.advance(5000)
  heap.collect(300)
  expect((await next).value).toEqual({ ...reading, atMs: 5000, usedBytes: 300 })
})

test('collections that nobody waited for are one reading, the newest', async () => {
  const heap = fakeHeap()
  const stop = new AbortController()
  const readings = heapMonitor(heap).watch({ clock: fakeClock(), signal: stop.signal })
  const iterator = readings[Symbol.asyncIterator]()
  await iterator.next()
  for (const left of [200, 300, 400]) heap.collect(left)
  expect((await iterator.next()).value).toMatchObject({ usedBytes: 400 })
  const next = iterator.next()
  stop.abort()
  expect(await next).toEqual({ done: true, value: undefined })
  expect(heap.listeners()).toBe(0)
})

test.each(['before the first reading', 'after it'])('ends when aborted %s', async (when) => {
  const heap = fakeHeap()
  const stop = new AbortController()
  const readings = heapMonitor(heap).watch({ clock: fakeClock(), signal: stop.signal })
  const iterator = readings[Symbol.asyncIterator]()
  if (when === 'after it') await iterator.next()
  stop.abort()
  expect((await iterator.next()).done).toBe(true)
  expect(heap.listeners()).toBe(0)
})

test('a consumer that leaves ends the watch', async () => {
  const heap = fakeHeap()
  const watch = heapMonitor(heap).watch({
    clock: fakeClock(),
    signal: new AbortController().signal,
  })
  const taken: Reading[] = []
  for await (const reading of watch) {
    taken.push(reading)
    if (taken.length === 1) heap.collect(1)
    else break
  }
  expect(taken).toHaveLength(2)
  expect(heap.listeners()).toBe(0)
})

test('hears real major collections, and no minor ones', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void
  // Others in this process may cause a collection at any time: what happened is the measure.
  const seen: { kind: number }[] = []
  let wake: (() => void) | undefined
  const witness = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.push((entry as GcEntry).detail)
    wake?.()
  })
  witness.observe({ entryTypes: ['gc'] })
  const { NODE_PERFORMANCE_GC_MAJOR: MAJOR, NODE_PERFORMANCE_GC_MINOR: MINOR } = constants
  const count = (wanted: number) => seen.filter(({ kind }) => kind === wanted).length
  const witnessed = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const collect = async (type: 'minor' | 'major') => {
    const kind = type === 'major' ? MAJOR : MINOR
    const before = count(kind)
    gc({ type })
    while (count(kind) === before) await witnessed()
    // Both observers are told in the same turn.
    await new Promise((resolve) => setImmediate(resolve))
  }

  const stop = new AbortController()
  const taken: Reading[] = []
  const done = (async () => {
    for await (const reading of heapMonitor().watch({ clock: systemClock, signal: stop.signal })) {
      taken.push(reading)
    }
  })()
  await collect('minor')
  expect(taken.length > 1).toBe(count(MAJOR) > 0)
  await collect('major')
  expect(taken.at(-1)).toMatchObject({ metric: 'v8.heap' })
  expect(taken.length).toBeGreaterThan(1)
  witness.disconnect()
  stop.abort()
  await done
})
