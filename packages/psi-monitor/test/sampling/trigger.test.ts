import { describe, expect, it } from 'vitest'
import type { PsiMonitorOptions } from '../../src/options.ts'
import { pressureText, SERVICE } from '../kit/trees.ts'
import { ofCgroup, type Scene, setScene } from './scene.ts'

const ON = { trigger: 'on', process: false } as const
const PRESSURE = `${SERVICE}/memory.pressure`
/** No leak gets near this limit within 5 s. */
const setRoomyScene = (
  options: PsiMonitorOptions = {},
  different: Readonly<Record<string, string>> = {},
) => setScene(options, { [`${SERVICE}/memory.max`]: '1000000000\n', ...different })
/** How long a fresh trigger's own events are left alone. */
const SETTLED_MS = 250

/** A stall, as the kernel shows it: the totals grow, then the trigger fires. */
const stall = ({ set, files }: Scene, totalMs: number) => {
  set(PRESSURE, pressureText(totalMs * 1000))
  files.modify(PRESSURE)
}
const isStalled = ({ stall: window }: Scene['readings'][number]) => (window?.someMs ?? 0) >= 200
const live = ({ files }: Scene) => files.armed.filter(({ isReleased }) => !isReleased())

describe('an armed trigger', () => {
  it('lets the sampler sleep for 5 s', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, sampledAtMs, files, report } = scene
    start()
    await clock.advance(21_000)
    expect(sampledAtMs).toEqual([0, 5000, 10_000, 15_000, 20_000])
    expect(files.armed).toMatchObject([{ path: PRESSURE, text: 'some 200000 2000000\0' }])
    expect(report('stall-trigger')).toEqual({
      source: 'stall-trigger',
      state: 'live',
      path: PRESSURE,
      sentence: 'Armed for some 200 ms in 2000 ms; until it fires, little is read.',
    })
  })

  it('is asked of the kernel in windows of 1 s by auto, whose share of stall is the same', () => {
    const { start, files } = setRoomyScene({ type: 'full', thresholdMs: 150, windowMs: 2000 })
    start()
    expect(files.armed).toMatchObject([{ text: 'full 75000 1000000\0' }])
  })

  it('does not let it sleep near the limit', async () => {
    const { start, clock, sampledAtMs } = setScene(ON, { [`${SERVICE}/memory.current`]: '1000\n' })
    start()
    await clock.advance(200)
    expect(sampledAtMs).toEqual([0, 50, 100, 150, 200])
  })

  it('lets it sleep only until the fastest leak could be near the limit', async () => {
    const { start, clock, sampledAtMs, set, readings } = setScene(ON, {
      [`${SERVICE}/memory.max`]: '400000000\n',
    })
    start()
    // A leak that stalls nobody: 50 MB a second.
    for (let ms = 0; ms < 8000; ms += 100) {
      await clock.advance(100)
      set(`${SERVICE}/memory.current`, `${ms * 50_000}\n`)
    }
    expect(sampledAtMs[1]).toBeCloseTo(2800, 1)
    // Every twentieth of the limit from here on.
    const told = readings.map(({ usedBytes = 0 }) => Math.round((usedBytes / 400_000_000) * 20))
    expect(told).toEqual(expect.arrayContaining([14, 15, 16, 17, 18, 19]))
  })

  it('sleeps no longer than is configured for calm', async () => {
    const { start, clock, sampledAtMs } = setRoomyScene({ ...ON, calmMs: 8000 })
    start()
    await clock.advance(16_000)
    expect(sampledAtMs).toEqual([0, 8000, 16_000])
  })

  it('does not let it sleep when the totals can no longer be read', async () => {
    const { start, clock, sampledAtMs, files } = setRoomyScene(ON)
    start()
    files.fail('read', PRESSURE, 'EACCES')
    await clock.advance(7000)
    expect(sampledAtMs).toEqual([0, 5000, 6000, 7000])
  })
})

describe('a trigger that fires', () => {
  it('wakes, and the stall is told when the totals grew by the threshold', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, readings } = scene
    start()
    await clock.advance(3000)
    stall(scene, 200)
    expect(readings.at(-1)).toMatchObject({ atMs: 3000, stall: { windowMs: 3000, someMs: 200 } })
    expect(readings.filter(isStalled)).toHaveLength(1)
  })

  it('without a stall, as the first one after arming may, is believed nothing', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, readings, sampledAtMs, files } = scene
    start()
    await clock.advance(3000)
    // Whatever the kernel found, it is less than was asked for.
    stall(scene, 15)
    expect(sampledAtMs).toEqual([0, 3000])
    await clock.advance(20_000)
    expect(readings.filter(isStalled)).toEqual([])
    expect(files.armed).toHaveLength(2)
    expect(live(scene)).toHaveLength(1)
  })

  it('is watched densely, and armed anew with a fresh one after two quiet windows', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, sampledAtMs, files } = scene
    start()
    await clock.advance(3000)
    stall(scene, 500)
    // The stall is in the window until 4950, and two windows pass.
    await clock.advance(5900)
    expect(files.armed).toHaveLength(1)
    expect(sampledAtMs.slice(-2)).toEqual([8850, 8900])
    await clock.advance(50)
    expect(files.armed).toHaveLength(2)
    expect(files.armed[0]?.isReleased()).toBe(true)
    expect(files.armed[1]?.isReleased()).toBe(false)
    const samples = sampledAtMs.length
    await clock.advance(10_000)
    expect(sampledAtMs.slice(samples)).toEqual([13_950, 18_950])
  })

  it('again after that is told again', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, readings, files } = scene
    start()
    for (let times = 1; times <= 4; times += 1) {
      await clock.advance(9777)
      const before = readings.length
      stall(scene, times * 300)
      expect(readings.slice(before)).toMatchObject([{ stall: { someMs: 300 } }])
    }
    expect(files.armed).toHaveLength(4)
    expect(live(scene)).toHaveLength(1)
  })

  it('takes the fresh one before the old one is given up, as one must stand', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, files } = scene
    start()
    await clock.advance(3000)
    stall(scene, 0)
    const order = files.calls.filter((call) => call.startsWith('arm'))
    expect(order).toHaveLength(2)
    files.fail('arm', PRESSURE, 'EMFILE')
    await clock.advance(1000)
    stall(scene, 0)
    // The one that stood is given up with the source.
    expect(scene.report('stall-trigger')).toMatchObject({ state: 'live' })
    await clock.advance(1000)
    expect(scene.report('stall-trigger')).toMatchObject({
      state: 'ended',
      sentence:
        'It ended: EMFILE: the limit of open files, or of inotify instances of this user, is reached.',
    })
    expect(live(scene)).toEqual([])
    const samples = scene.sampledAtMs.length
    await clock.advance(3000)
    expect(scene.sampledAtMs).toHaveLength(samples + 3)
  })
})

describe('a trigger that keeps silent', () => {
  it('at a stall, as others that read the file can make it, costs 5 s and not the stall', async () => {
    const { start, clock, readings, set } = setRoomyScene(ON)
    start()
    await clock.advance(2000)
    set(PRESSURE, pressureText(400_000))
    await clock.advance(3000)
    expect(readings.at(-1)).toMatchObject({ atMs: 5000, stall: { windowMs: 5000, someMs: 400 } })
  })

  it('had fired while its own events were left alone, and is armed anew after the stall', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, files, sampledAtMs } = scene
    start()
    await clock.advance(SETTLED_MS - 1)
    stall(scene, 300)
    expect(sampledAtMs).toEqual([0])
    await clock.advance(20_000)
    expect(files.armed).toHaveLength(2)
    expect(live(scene)).toHaveLength(1)
  })

  it('for its watch has ended ends itself, and the sampler sleeps no longer', async () => {
    const { start, clock, files, sampledAtMs, report } = setRoomyScene(ON)
    start()
    await clock.advance(1500)
    files.end(PRESSURE, new Error('the queue of events is gone'))
    await clock.advance(3600)
    expect(sampledAtMs).toEqual([0, 1500, 2500, 3500, 4500])
    expect(report('stall-trigger')).toMatchObject({
      state: 'ended',
      sentence: 'It ended: the queue of events is gone.',
    })
    expect(files.held().filter((each) => /^(arm|watch .*pressure)/.test(each))).toEqual([])
  })
})

describe('the noise of others who write and close triggers in the same file', () => {
  it('every 0.5 ms is no reading, and at most one sample per settled trigger', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, readings, files, sampledAtMs } = scene
    start()
    for (let times = 0; times < 10_000; times += 1) {
      await clock.advance(0.5)
      files.modify(PRESSURE)
    }
    expect(readings.filter(isStalled)).toEqual([])
    expect(readings.filter(ofCgroup).length).toBeLessThanOrEqual(6)
    expect(sampledAtMs.length).toBeLessThanOrEqual(1 + 5000 / SETTLED_MS)
    expect(files.armed.length).toBeLessThanOrEqual(sampledAtMs.length)
    expect(live(scene)).toHaveLength(1)
  })

  it('does not hide a stall', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, readings, files, set } = scene
    start()
    for (let times = 0; times < 4000; times += 1) {
      if (times === 2000) set(PRESSURE, pressureText(250_000))
      await clock.advance(0.5)
      files.modify(PRESSURE)
    }
    const told = readings.find(isStalled)
    expect(told?.atMs).toBeGreaterThanOrEqual(1000)
    expect(told?.atMs).toBeLessThanOrEqual(1000 + SETTLED_MS + 1)
  })

  it('during a stall does not make samples denser than every 50 ms', async () => {
    const scene = setRoomyScene(ON)
    const { start, clock, files, sampledAtMs } = scene
    start()
    await clock.advance(1000)
    stall(scene, 300)
    const before = sampledAtMs.length
    for (let times = 0; times < 2000; times += 1) {
      await clock.advance(0.5)
      files.modify(PRESSURE)
    }
    expect(sampledAtMs.length - before).toBe(20)
  })
})

describe('a trigger that is refused', () => {
  it('for want of CAP_SYS_RESOURCE is off by auto, and the totals are read every second', async () => {
    const { start, clock, files, report, sampledAtMs } = setRoomyScene()
    files.fail('arm', PRESSURE, 'EINVAL')
    start()
    expect(report('stall-trigger')).toMatchObject({
      state: 'off',
      sentence: 'Without CAP_SYS_RESOURCE it would be slower than reading the totals every second.',
    })
    await clock.advance(2000)
    expect(sampledAtMs).toEqual([0, 1000, 2000])
  })

  it('although it was asked for says why', () => {
    const { start, files, report } = setRoomyScene({ ...ON, windowMs: 1000 })
    files.fail('arm', PRESSURE, 'EINVAL')
    start()
    expect(report('stall-trigger')).toMatchObject({
      state: 'refused',
      path: PRESSURE,
      sentence:
        'It cannot be armed: EINVAL: without CAP_SYS_RESOURCE the window must be a multiple of 2 s; no window is longer than 10 s.',
    })
  })

  it.each([
    ['off', {}, 'It is not wanted.'],
    ['on', { [PRESSURE]: '' }, 'There are no totals to check it against.'],
  ] as const)('or not wanted is never written (%s)', (trigger, different, sentence) => {
    const { start, files, report } = setRoomyScene({ trigger }, different)
    start()
    expect(report('stall-trigger')).toMatchObject({ state: 'off', sentence })
    expect(files.armed).toEqual([])
  })
})

describe('an armed trigger of a cgroup that is removed', () => {
  it('is given up, and the process is followed to where it went', async () => {
    const other = '/sys/fs/cgroup/other.scope'
    const scene = setRoomyScene(ON, {
      [`${other}/cgroup.events`]: 'populated 1\n',
      [`${other}/memory.pressure`]: pressureText(9_000_000),
    })
    const { start, clock, files, set, remove, readings } = scene
    start()
    await clock.advance(6000)
    set('/proc/self/cgroup', '0::/other.scope\n')
    files.fail('read', new RegExp(`^${SERVICE}`), 'ENODEV')
    remove(SERVICE)
    // The kernel's last word on it.
    files.modify(PRESSURE)
    expect(files.armed).toMatchObject([{ path: PRESSURE }, { path: `${other}/memory.pressure` }])
    expect(files.armed[0]?.isReleased()).toBe(true)
    await clock.advance(10_000)
    expect(readings.filter(isStalled)).toEqual([])
    expect(live(scene)).toHaveLength(1)
  })
})

describe('the trigger that systemd asks for', () => {
  const WRITE = 'some 123000 2000000\0'
  const env = {
    MEMORY_PRESSURE_WATCH: PRESSURE,
    MEMORY_PRESSURE_WRITE: Buffer.from(WRITE, 'latin1').toString('base64'),
  }

  it('is written byte by byte, wakes, and is armed anew as ours is', async () => {
    const scene = setRoomyScene({ env, process: false })
    const { start, clock, files, readings, report } = scene
    files.setKind(PRESSURE, 'cgroup2')
    start()
    expect(files.armed).toMatchObject([{ path: PRESSURE, text: WRITE }])
    expect(report('systemd-watch')).toMatchObject({ state: 'live', path: PRESSURE })
    expect(report('stall-trigger')).toMatchObject({
      state: 'off',
      sentence: 'What systemd set up takes its place.',
    })
    await clock.advance(1300)
    // Its threshold is 123 ms.
    stall(scene, 123)
    expect(readings.at(-1)).toMatchObject({ atMs: 1300, stall: { someMs: 123 } })
    await clock.advance(20_000)
    expect(files.armed.map(({ text }) => text)).toEqual([WRITE, WRITE])
    expect(live(scene)).toHaveLength(1)
  })
})
