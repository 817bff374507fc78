import { describe, expect, it } from 'vitest'
import { eventsText, pressureText, SERVICE, statText } from '../kit/trees.ts'
import { ofCgroup, type Scene, setScene } from './scene.ts'

const OFF = { trigger: 'off', process: false } as const
const OTHER = '/sys/fs/cgroup/other.scope'
/** Another cgroup, with 50 of 200 bytes in use. */
const otherTree: Readonly<Record<string, string>> = {
  [`${OTHER}/cgroup.events`]: 'populated 1\nfrozen 0\n',
  [`${OTHER}/memory.current`]: '50\n',
  [`${OTHER}/memory.stat`]: statText({ anon: 50 }),
  [`${OTHER}/memory.max`]: '200\n',
  [`${OTHER}/memory.high`]: 'max\n',
  [`${OTHER}/memory.events`]: eventsText({ high: 30 }),
  [`${OTHER}/memory.events.local`]: eventsText({ high: 30 }),
  [`${OTHER}/memory.pressure`]: pressureText(7_000_000),
}
const OWN_FILES = new RegExp(`^${SERVICE}`)
const calm = { usedBytes: 400, limitBytes: 1000 }

/** As the kernel does it: open files say ENODEV, and paths are not there. */
const removeCgroup = ({ files, remove }: Scene) => {
  files.fail('read', OWN_FILES, 'ENODEV')
  remove(SERVICE)
}
const movedTo = ({ set }: Scene, path: string) => set('/proc/self/cgroup', `0::${path}\n`)

describe('a process that is moved to another cgroup', () => {
  it('is followed within 2 s, and nothing of the old cgroup stays open', async () => {
    const scene = setScene(OFF, otherTree)
    const { start, clock, readings, files, report } = scene
    start()
    await clock.advance(1500)
    expect(readings.at(-1)).toMatchObject(calm)
    movedTo(scene, '/other.scope')
    await clock.advance(500)
    const moved = { usedBytes: 50, limitBytes: 200, limitedBy: `${OTHER}/memory.max` }
    expect(readings.at(-1)).toMatchObject({ atMs: 2000, metric: 'cgroup.unreclaimable', ...moved })
    // Neither history nor the old cgroup's totals count.
    expect(readings.at(-1)).not.toHaveProperty('events')
    expect(readings.at(-1)).not.toHaveProperty('stall')
    expect(files.held().filter((each) => each.includes(SERVICE))).toEqual([])
    expect(report('usage')).toMatchObject({ state: 'live', path: OTHER })
    expect(report('stall-total')).toMatchObject({ path: `${OTHER}/memory.pressure` })
    await clock.advance(1000)
    expect(readings.at(-1)).toMatchObject({ atMs: 3000, stall: { windowMs: 1000, someMs: 0 } })
  })

  it('loses nothing that the old cgroup had counted', async () => {
    const scene = setScene(OFF, otherTree)
    const { start, clock, readings, set } = scene
    start()
    await clock.advance(1500)
    set(`${SERVICE}/memory.events`, eventsText({ high: 3, oom_kill: 1 }))
    movedTo(scene, '/other.scope')
    await clock.advance(3000)
    const counted = readings.flatMap(({ events }) => (events ? [events] : []))
    expect(counted).toEqual([{ high: 3, max: 0, oom: 0, oomKill: 1 }])
  })

  it('is measured by itself where the other cgroup accounts for no memory', async () => {
    const scene = setScene({ trigger: 'off' }, { [`${OTHER}/cgroup.events`]: 'populated 1\n' })
    const { start, clock, readings, report } = scene
    start()
    await clock.advance(1500)
    movedTo(scene, '/other.scope')
    await clock.advance(500)
    expect(readings.at(-1)).toMatchObject({
      atMs: 2000,
      metric: 'process.unreclaimable',
      usedBytes: 200 * 1024,
    })
    expect(readings.filter(({ atMs }) => atMs === 2000)).toHaveLength(1)
    expect(report('process')).toMatchObject({ state: 'off' })
    await clock.advance(1000)
    expect(readings.filter(({ atMs }) => atMs === 3000)).toHaveLength(1)
    // And back again.
    movedTo(scene, '/system.slice/worker.service')
    await clock.advance(1000)
    expect(readings.filter(({ atMs }) => atMs === 4000).map(({ metric }) => metric)).toEqual([
      'cgroup.unreclaimable',
      'process.unreclaimable',
    ])
    expect(report('process')).toMatchObject({ state: 'live' })
  })
})

describe('a cgroup that is removed while it is watched', () => {
  it('is looked for once more: the process went on elsewhere', async () => {
    const scene = setScene(OFF, otherTree)
    const { start, clock, readings, failures } = scene
    start()
    await clock.advance(500)
    movedTo(scene, '/other.scope')
    removeCgroup(scene)
    await clock.advance(500)
    expect(readings.at(-1)).toMatchObject({ atMs: 1000, usedBytes: 50, limitBytes: 200 })
    expect(failures).toEqual([])
  })

  it('ends the watch of it in one sentence, and nothing is asked any more', async () => {
    const scene = setScene({ target: { cgroup: SERVICE }, trigger: 'on' })
    const { start, clock, readings, failures, files, reports } = scene
    start()
    await clock.advance(5000)
    const told = readings.length
    removeCgroup(scene)
    const before = files.calls.length
    await clock.advance(5000)
    expect(failures).toEqual([
      new Error('Nothing is left to measure. It ended: ENOENT: there is no such file.'),
    ])
    expect(files.calls.slice(before).filter((call) => call === `kindOf ${SERVICE}`)).toHaveLength(1)
    expect(files.calls.length - before).toBeLessThan(15)
    expect(reports().filter(({ state }) => state === 'live')).toEqual([])
    expect(readings).toHaveLength(told)
    expect(files.held()).toEqual([])
    expect(clock.pending).toBe(0)
    const made = files.calls.length
    await clock.advance(60_000)
    expect(files.calls).toHaveLength(made)
  })

  it('is heard of at once by the end of its trigger', async () => {
    const scene = setScene({ target: { cgroup: SERVICE }, trigger: 'on' })
    const { start, clock, failures, files } = scene
    start()
    await clock.advance(5500)
    removeCgroup(scene)
    files.modify(`${SERVICE}/memory.pressure`)
    expect(failures).toHaveLength(1)
  })

  it('and made again under the same name begins anew', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings, failures, set, files } = scene
    set(`${SERVICE}/memory.events`, eventsText({ high: 80 }))
    start()
    await clock.advance(500)
    // Through the open files only: the path leads to the new one.
    const ofOld = files.held().length
    files.fail('read', `${SERVICE}/memory.stat`, 'ENODEV')
    await clock.advance(300)
    files.heal()
    set(`${SERVICE}/memory.events`, eventsText({ high: 1 }))
    await clock.advance(4200)
    expect(failures).toEqual([])
    expect(readings.filter(({ events }) => events !== undefined)).toEqual([])
    expect(readings.at(-1)).toMatchObject({ atMs: 5000, ...calm })
    expect(files.held()).toHaveLength(ofOld)
  })
})

describe('a process that is watched from outside', () => {
  const tree = {
    '/proc/7/cgroup': '0::/system.slice/worker.service\n',
    '/proc/7/status': 'Name:\tnode\nState:\tS (sleeping)\nVmRSS:\t 300 kB\nRssAnon:\t 200 kB\n',
  }

  it('and ends ends the watch within 2 s, though its cgroup is still there', async () => {
    const { start, clock, readings, failures, files, remove } = setScene(
      { target: { pid: 7 } },
      tree,
    )
    start()
    await clock.advance(1500)
    files.fail('read', /^\/proc\/7\//, 'ESRCH')
    remove('/proc/7')
    await clock.advance(5000)
    expect(failures).toEqual([
      new Error('Nothing is left to measure. It ended: ENOENT: there is no such file.'),
    ])
    expect(readings.filter(ofCgroup).length).toBeGreaterThan(0)
    expect(readings.every(ofCgroup)).toBe(true)
    expect(files.held()).toEqual([])
  })

  it('and is a zombie is gone', async () => {
    const { start, clock, failures, set } = setScene({ target: { pid: 7 }, trigger: 'off' }, tree)
    start()
    await clock.advance(1500)
    set('/proc/7/status', 'Name:\tnode\nState:\tZ (zombie)\n')
    set('/proc/7/cgroup', '0::/\n')
    await clock.advance(1000)
    expect(failures).toEqual([
      new Error('Nothing is left to measure. It ended: ESRCH: there is no such process.'),
    ])
  })
})

describe('pressure that is no longer accounted for (cgroup.pressure is 0)', () => {
  it('ends with its file; all else goes on, and it is not asked for again', async () => {
    const scene = setScene(OFF)
    const { start, clock, readings, failures, files, remove, report } = scene
    start()
    await clock.advance(1500)
    const PRESSURE = `${SERVICE}/memory.pressure`
    files.fail('read', PRESSURE, 'ENODEV')
    remove(PRESSURE)
    await clock.advance(500)
    expect(report('stall-total')).toMatchObject({
      state: 'refused',
      sentence: 'It cannot be read: ENOENT: there is no such file.',
    })
    const before = files.calls.length
    await clock.advance(10_000)
    expect(files.calls.slice(before).filter((call) => call.includes(PRESSURE))).toEqual([])
    expect(readings.at(-1)).toMatchObject({ ...calm, hostStall: { someMs: 0 } })
    expect(readings.at(-1)).not.toHaveProperty('stall')
    expect(failures).toEqual([])
  })
})
