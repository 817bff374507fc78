import type { Reading } from '@worker-recycler/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsText, pressureText, SERVICE, statText } from '../kit/trees.ts'
import { ofCgroup, said, type Scene, setScene } from './scene.ts'

const OFF = { trigger: 'off', process: false } as const
const PRESSURE = `${SERVICE}/memory.pressure`
const EVENTS = `${SERVICE}/memory.events`
const used = (bytes: number): Readonly<Record<string, string>> => ({
  [`${SERVICE}/memory.current`]: `${bytes}\n`,
  [`${SERVICE}/memory.stat`]: statText({ anon: bytes }),
})
const use = ({ set }: Scene, bytes: number) => {
  for (const [path, text] of Object.entries(used(bytes))) set(path, text)
}
const count = ({ set, files }: Scene, counters: Parameters<typeof eventsText>[0]) => {
  set(EVENTS, eventsText(counters))
  set(`${EVENTS}.local`, eventsText(counters))
  files.modify(EVENTS)
  files.modify(`${EVENTS}.local`)
}
const high = (events: Reading['events']) => events?.high ?? 0
const isCounted = ({ events }: Reading) => events !== undefined

describe('a reading', () => {
  it('comes at once, with all facts but stalls, which take two samples', async () => {
    const { start, readings, clock } = setScene({ trigger: 'off' })
    start()
    expect(readings).toEqual([
      {
        monitor: 'psi',
        metric: 'cgroup.unreclaimable',
        atMs: 0,
        usedBytes: 400,
        limitBytes: 1000,
        limitedBy: `${SERVICE}/memory.max`,
        lagMs: 0,
      },
      {
        monitor: 'psi',
        metric: 'process.unreclaimable',
        atMs: 0,
        usedBytes: 200 * 1024,
        lagMs: 0,
      },
    ])
    await clock.advance(1000)
    expect(readings.slice(2)).toMatchObject([
      { atMs: 1000, stall: { windowMs: 1000, someMs: 0, fullMs: 0 }, hostStall: { someMs: 0 } },
      { atMs: 1000, metric: 'process.unreclaimable' },
    ])
    expect(readings.filter(ofCgroup)).toHaveLength(2)
  })

  it('of a dense sample is none unless memory moved by 1 %, a second passed, or a stall began', async () => {
    const scene = setScene(OFF, used(900))
    const { start, clock, readings, set, sampledAtMs } = scene
    start()
    await clock.advance(150)
    use(scene, 909)
    await clock.advance(150)
    expect(readings.map(said)).toEqual([[0, 900]])
    expect(sampledAtMs).toHaveLength(7)
    use(scene, 910)
    await clock.advance(50)
    use(scene, 930)
    await clock.advance(50)
    // Too soon after the last one.
    expect(readings.slice(1).map(said)).toEqual([[350, 910]])
    await clock.advance(50)
    expect(readings.slice(2).map(said)).toEqual([[450, 930]])
    await clock.advance(1000)
    expect(readings.slice(3).map(said)).toEqual([[1450, 930]])
    await clock.advance(50)
    set(PRESSURE, pressureText(199_000))
    await clock.advance(50)
    expect(readings).toHaveLength(4)
    set(PRESSURE, pressureText(200_000))
    await clock.advance(50)
    expect(readings.slice(4)).toMatchObject([{ atMs: 1600, stall: { someMs: 200 } }])
    await clock.advance(100)
    expect(readings.slice(5)).toMatchObject([{ atMs: 1700, stall: { someMs: 200 } }])
  })

  it('tells of totals that went backwards nothing, and goes on from there', async () => {
    const { start, clock, readings, set } = setScene(OFF, { [PRESSURE]: pressureText(5_000_000) })
    start()
    await clock.advance(1000)
    expect(readings.at(-1)?.stall).toMatchObject({ someMs: 0 })
    set(PRESSURE, pressureText(100_000))
    await clock.advance(1000)
    expect(readings.at(-1)?.atMs).toBe(2000)
    expect(readings.at(-1)).not.toHaveProperty('stall')
    set(PRESSURE, pressureText(400_000))
    await clock.advance(1000)
    expect(readings.at(-1)?.stall).toMatchObject({ windowMs: 1000, someMs: 300 })
  })
})

describe('events', () => {
  it('are told at once', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings } = scene
    start()
    await clock.advance(333)
    count(scene, { high: 2, max: 1 })
    expect(readings.slice(1)).toMatchObject([
      { atMs: 333, events: { high: 2, max: 1, oom: 0, oomKill: 0 }, lagMs: 0 },
    ])
    await clock.advance(1000)
    expect(readings.filter(isCounted)).toHaveLength(1)
  })

  it('that were counted before are history', async () => {
    const scene = setScene(OFF, { [EVENTS]: eventsText({ high: 7, oom_kill: 2 }) })
    scene.start()
    await scene.clock.advance(3000)
    expect(scene.readings.filter(isCounted)).toEqual([])
  })

  it('that come by the hundred are told ten times a second, and none is lost', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings, sampledAtMs } = scene
    start()
    for (let counted = 1; counted <= 300; counted += 1) {
      await clock.advance(4)
      count(scene, { high: counted })
    }
    await clock.advance(1000)
    expect(readings.reduce((sum, { events }) => sum + high(events), 0)).toBe(300)
    expect(readings.filter(isCounted).length).toBeLessThanOrEqual(13)
    // The kernel announces a counter every 10 ms at most.
    expect(sampledAtMs.length).toBeLessThanOrEqual(130)
  })

  it('soon after a reading without events are told at once; the next ones a tenth of a second later', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings } = scene
    start()
    await clock.advance(1020)
    count(scene, { high: 1 })
    expect(readings.slice(2)).toMatchObject([{ atMs: 1020, events: { high: 1 } }])
    await clock.advance(10)
    count(scene, { high: 2 })
    expect(readings).toHaveLength(3)
    await clock.advance(150)
    expect(readings.slice(3)).toMatchObject([{ events: { high: 1 } }])
    expect(readings.at(-1)?.atMs).toBeLessThanOrEqual(1170)
  })

  it('of an OOM kill are told however soon', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings } = scene
    start()
    await clock.advance(3)
    count(scene, { high: 4, oom: 1 })
    await clock.advance(7)
    expect(readings.slice(1)).toMatchObject([{ atMs: 10, events: { high: 4, oom: 1 } }])
    count(scene, { high: 4, oom: 1, oom_kill: 1 })
    await clock.advance(10)
    expect(readings.slice(2)).toMatchObject([{ atMs: 20, events: { high: 0, oom: 0, oomKill: 1 } }])
  })

  it('are neither lost nor doubled, whenever they come and whatever counts them', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 400 }),
      high: fc.integer({ min: 0, max: 3 }),
      oomKill: fc.integer({ min: 0, max: 1 }),
      isAnnounced: fc.boolean(),
      usedBytes: fc.integer({ min: 100, max: 990 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const scene = setScene(OFF)
        const { start, stop, clock, readings, set } = scene
        start()
        const total = { high: 0, oom_kill: 0 }
        for (const { waitMs, high: more, oomKill, isAnnounced, usedBytes } of steps) {
          total.high += more
          total.oom_kill += oomKill
          use(scene, usedBytes)
          if (isAnnounced) count(scene, total)
          else {
            set(EVENTS, eventsText(total))
            set(`${EVENTS}.local`, eventsText(total))
          }
          await clock.advance(waitMs)
        }
        await clock.advance(2000)
        stop()
        expect(readings.reduce((sum, { events }) => sum + high(events), 0)).toBe(total.high)
        const kills = readings.reduce((sum, { events }) => sum + (events?.oomKill ?? 0), 0)
        expect(kills).toBe(total.oom_kill)
      }),
      { numRuns: 5, seed: 11 },
    )
  })

  it('without a change wake, and are no news', async () => {
    const { start, clock, readings, files, sampledAtMs } = setScene(OFF)
    start()
    await clock.advance(500)
    files.modify(EVENTS)
    expect(sampledAtMs).toEqual([0, 500])
    expect(readings).toHaveLength(1)
  })

  it('of counters that went backwards are none', async () => {
    const text = eventsText({ high: 50 })
    const scene = setScene(OFF, { [EVENTS]: text, [`${EVENTS}.local`]: text })
    const { start, clock, readings } = scene
    start()
    await clock.advance(500)
    count(scene, { high: 3 })
    expect(readings.filter(isCounted)).toEqual([])
    await clock.advance(500)
    count(scene, { high: 5 })
    await clock.advance(200)
    expect(readings.filter(isCounted)).toMatchObject([{ events: { high: 2 } }])
  })
})

describe('limits', () => {
  it('are read anew with an event', async () => {
    const { start, clock, readings, files, set } = setScene(OFF)
    start()
    await clock.advance(500)
    set(`${SERVICE}/memory.high`, '800\n')
    files.modify(EVENTS)
    expect(readings.slice(1)).toMatchObject([
      { atMs: 500, limitBytes: 800, limitedBy: `${SERVICE}/memory.high` },
    ])
  })

  it('are read anew every 2 s, and not more often', async () => {
    const { start, clock, readings, files, set } = setScene(OFF, used(900))
    start()
    await clock.advance(1000)
    set('/sys/fs/cgroup/system.slice/memory.max', '950\n')
    await clock.advance(950)
    expect(readings.at(-1)?.limitBytes).toBe(1000)
    await clock.advance(50)
    expect(readings.at(-1)).toMatchObject({
      atMs: 2000,
      limitBytes: 950,
      limitedBy: '/sys/fs/cgroup/system.slice/memory.max',
    })
    await clock.advance(8000)
    const reads = files.calls.filter((call) => call === `read ${SERVICE}/memory.max`)
    expect(reads).toHaveLength(6)
  })
})
