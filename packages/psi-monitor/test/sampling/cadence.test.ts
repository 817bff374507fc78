import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { psiMonitor } from '../../src/psi-monitor.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { pressureText, SERVICE, serviceTree, statText } from '../kit/trees.ts'
import { setScene } from './scene.ts'

const OFF = { trigger: 'off' } as const
const PRESSURE = `${SERVICE}/memory.pressure`
/** All of it unreclaimable, with a limit of 1000 bytes. */
const used = (bytes: number) => ({
  [`${SERVICE}/memory.current`]: `${bytes}\n`,
  [`${SERVICE}/memory.stat`]: statText({ anon: bytes }),
})
const gaps = (timesMs: readonly number[]) =>
  timesMs.slice(1).map((atMs, index) => Math.round(atMs - (timesMs[index] ?? 0)))

describe('samples are taken', () => {
  it('every second while all is calm', async () => {
    const { start, clock, sampledAtMs } = setScene(OFF)
    start()
    await clock.advance(4500)
    expect(sampledAtMs).toEqual([0, 1000, 2000, 3000, 4000])
  })

  it.each([
    [700, 1000],
    [800, 525],
    [900, 50],
    [999, 50],
    [1200, 50],
  ])('with %d of 1000 bytes in use every %d ms', async (bytes, gapMs) => {
    const { start, clock, sampledAtMs } = setScene(OFF, used(bytes))
    start()
    await clock.advance(5000)
    expect(new Set(gaps(sampledAtMs))).toEqual(new Set([gapMs]))
  })

  it('as often as configured', async () => {
    const options = { ...OFF, calmMs: 3000, closeMs: 10 }
    const { start, clock, sampledAtMs, set } = setScene(options)
    start()
    await clock.advance(7000)
    expect(sampledAtMs).toEqual([0, 3000, 6000])
    for (const [path, text] of Object.entries(used(950))) set(path, text)
    await clock.advance(2030)
    expect(sampledAtMs.slice(3)).toEqual([9000, 9010, 9020, 9030])
  })

  it('eight times before the limit would be reached when memory grows', async () => {
    const { start, clock, sampledAtMs, set } = setScene(OFF, used(400))
    start()
    await clock.advance(500)
    for (const [path, text] of Object.entries(used(600))) set(path, text)
    // 200 bytes in a second leave 2 s to the limit.
    await clock.advance(1000)
    expect(sampledAtMs).toEqual([0, 1000, 1250])
    // It grows no more.
    await clock.advance(2000)
    expect(sampledAtMs.slice(2)).toEqual([1250, 2250, 3250])
  })

  it('densely while tasks stand still, until two windows were quiet', async () => {
    const { start, clock, sampledAtMs, set } = setScene(OFF)
    start()
    await clock.advance(500)
    set(PRESSURE, pressureText(30_000))
    await clock.advance(9000)
    // The stall is in the window until 2950.
    const dense = Array.from({ length: 120 }, (_, index) => 1000 + index * 50)
    expect(sampledAtMs).toEqual([0, ...dense, 7950, 8950])
  })

  it('calmly when tasks stand still for less than a tenth of the threshold', async () => {
    const { start, clock, sampledAtMs, set } = setScene(OFF)
    start()
    await clock.advance(500)
    set(PRESSURE, pressureText(19_000))
    await clock.advance(3000)
    expect(sampledAtMs).toEqual([0, 1000, 2000, 3000])
  })

  it('densely for the kind of stall that counts', async () => {
    const options = { ...OFF, type: 'full', thresholdMs: 100, windowMs: 1000 } as const
    const { start, clock, sampledAtMs, set } = setScene(options)
    start()
    await clock.advance(500)
    set(PRESSURE, pressureText(900_000, 9000))
    await clock.advance(2000)
    expect(sampledAtMs).toEqual([0, 1000, 2000])
    set(PRESSURE, pressureText(940_000, 30_000))
    await clock.advance(600)
    expect(sampledAtMs.slice(3)).toEqual([3000, 3050, 3100])
  })

  it('as calmly with the stalls of the host alone', async () => {
    const { start, clock, sampledAtMs, set } = setScene(OFF)
    start()
    await clock.advance(500)
    set('/proc/pressure/memory', pressureText(900_000, 900_000))
    await clock.advance(3000)
    expect(sampledAtMs).toEqual([0, 1000, 2000, 3000])
  })
})

describe('a sample that comes late', () => {
  it('says so, and those that were missed are not made up for', async () => {
    const { root } = fakeRoot(serviceTree())
    const clock = fakeClock()
    let blockedMs = 0
    const late = { ...clock, nowMs: () => clock.nowMs() + blockedMs }
    const monitor = psiMonitor({ root, env: {}, heap: false, process: false, trigger: 'off' })
    const stop = new AbortController()
    const told: (readonly [number, number | undefined])[] = []
    const done = (async () => {
      for await (const { atMs, lagMs } of monitor.watch({ clock: late, signal: stop.signal })) {
        told.push([atMs, lagMs])
      }
    })()
    await clock.advance(0)
    blockedMs = 3400
    await clock.advance(1000)
    expect(told).toEqual([
      [0, 0],
      [4400, 3400],
    ])
    await clock.advance(1000)
    expect(told.slice(2)).toEqual([[5400, 0]])
    stop.abort()
    await done
  })
})
