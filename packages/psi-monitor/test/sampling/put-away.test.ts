import { describe, expect, it } from 'vitest'
import { pressureText, SERVICE } from '../kit/trees.ts'
import { setScene } from './scene.ts'

const ON = { trigger: 'on' } as const
const EVENTS = `${SERVICE}/memory.events`
const PRESSURE = `${SERVICE}/memory.pressure`

describe('stop', () => {
  it('leaves no timer, no open file, no watch and no trigger', async () => {
    const { start, stop, clock, files } = setScene(ON)
    start()
    await clock.advance(1000)
    expect(files.held()).toEqual(
      expect.arrayContaining([
        `open ${SERVICE}/memory.current`,
        `open ${PRESSURE}`,
        `watch ${EVENTS}`,
        `watch ${EVENTS}.local`,
        `arm ${PRESSURE}`,
        `watch ${PRESSURE}`,
      ]),
    )
    expect(clock.pending).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
    expect(files.held()).toEqual([])
  })

  it('a second time does nothing', async () => {
    const { start, stop, clock, files } = setScene(ON)
    start()
    await clock.advance(1000)
    stop()
    stop()
    expect(files.held()).toEqual([])
  })

  it.each([
    ['a later sample', 2],
    ['the process, beside its cgroup', 3],
  ])('while it tells of %s ends at once', async (_which, index) => {
    const { start, stop, clock, files, readings } = setScene({ trigger: 'off' })
    start({
      told: () => {
        if (readings.length > index) stop()
      },
    })
    await clock.advance(1000)
    expect(readings).toHaveLength(index + 1)
    expect(clock.pending).toBe(0)
    expect(files.held()).toEqual([])
  })

  it('while it tells what became of a source ends at once', async () => {
    const { start, stop, clock, files, readings, reports, failures } = setScene({ trigger: 'off' })
    let times = 0
    start({
      sources: () => {
        times += 1
        if (times > 1) stop()
      },
    })
    await clock.advance(500)
    const told = readings.length
    files.fail('read', '/proc/pressure/memory', 'EACCES')
    await clock.advance(60_000)
    expect(times).toBe(2)
    expect(reports().find(({ source }) => source === 'host-pressure')?.state).toBe('ended')
    expect(readings).toHaveLength(told)
    expect(failures).toEqual([])
    expect(clock.pending).toBe(0)
    expect(files.held()).toEqual([])
  })

  it('while it tells that usage ended ends at once, and is no failure', async () => {
    const { start, stop, clock, files, failures } = setScene({ trigger: 'off' })
    start({
      sources: (reports) => {
        if (reports.some(({ state }) => state === 'ended')) stop()
      },
    })
    await clock.advance(500)
    files.fail('read', `${SERVICE}/memory.current`, 'EACCES')
    await clock.advance(5000)
    expect(failures).toEqual([])
    expect(clock.pending).toBe(0)
    expect(files.held()).toEqual([])
  })

  it('while a sample waits for its time takes none', async () => {
    const { start, stop, clock, files, sampledAtMs } = setScene({ trigger: 'off' })
    start()
    await clock.advance(1003)
    files.modify(EVENTS)
    stop()
    await clock.advance(5000)
    expect(sampledAtMs).toEqual([0, 1000])
  })
})

describe('an event after stop', () => {
  it('that was on its way takes no sample', async () => {
    const { start, stop, clock, files, set, sampledAtMs, readings } = setScene(ON)
    // The kernel's events can be under way when their watch is closed.
    const watched: (() => void)[] = []
    const { watch } = files
    Object.assign(files, {
      watch: (path: string, listener: Parameters<typeof watch>[1]) => {
        watched.push(listener.modified)
        return watch(path, listener)
      },
    })
    start()
    await clock.advance(5)
    stop()
    set(PRESSURE, pressureText(1_000_000))
    for (const modified of watched) modified()
    expect(watched).toHaveLength(3)
    expect(clock.pending).toBe(0)
    await clock.advance(1000)
    for (const modified of watched) modified()
    expect(sampledAtMs).toEqual([0])
    expect(readings.filter(({ atMs }) => atMs > 0)).toEqual([])
  })
})

describe('sources', () => {
  it('are told of at the start and when one changes, not with every sample', async () => {
    const { start, clock, files } = setScene({ trigger: 'off' })
    const told: (readonly string[])[] = []
    start({ sources: (reports) => told.push(reports.map(({ source }) => source)) })
    await clock.advance(5000)
    expect(told).toEqual([
      [
        'usage',
        'process',
        'memory-events',
        'stall-total',
        'systemd-watch',
        'stall-trigger',
        'host-pressure',
      ],
    ])
    files.fail('read', '/proc/pressure/memory', 'EACCES')
    await clock.advance(5000)
    expect(told).toHaveLength(2)
  })
})
