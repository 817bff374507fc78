import type { Reading } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { glyphsFor } from '../../src/cli/glyphs.ts'
import { hanging } from '../../src/cli/hanging.ts'
import { createHistory } from '../../src/cli/history.ts'
import type { Moment } from '../../src/cli/moment.ts'
import { openScreen } from '../../src/cli/screen.ts'
import { watchFrame } from '../../src/cli/watch-frame.ts'
import { watchLine } from '../../src/cli/watch-line.ts'
import type { SourceReport } from '../../src/sources/source.ts'

const MIB = 2 ** 20
const HELD_BY = '/sys/fs/cgroup/system.slice/system-worker.slice/worker@1.service/memory.high'

const SIZE = { columns: 60, rows: 24 }

const reading = (more: Partial<Reading> = {}): Reading => ({
  monitor: 'psi',
  metric: 'cgroup.unreclaimable',
  atMs: 0,
  usedBytes: 400 * MIB,
  limitBytes: 500 * MIB,
  limitedBy: HELD_BY,
  stall: { windowMs: 2000, someMs: 0, fullMs: 0 },
  hostStall: { windowMs: 2000, someMs: 20, fullMs: 0 },
  ...more,
})

const report = (source: SourceReport['source'], state: SourceReport['state']): SourceReport => ({
  source,
  state,
  sentence: '',
})

/** The moment of the last of these readings. */
const after = (readings: readonly Reading[], more: Partial<Moment> = {}): Moment => {
  const history = createHistory(1000)
  for (const each of readings) history.add(each)
  return {
    title: 'worker@1.service',
    everyMs: 1000,
    epochMs: Date.UTC(2026, 4, 1, 12),
    reading: readings.at(-1) ?? reading(),
    forecast: undefined,
    history,
    sources: [
      report('usage', 'live'),
      report('memory-events', 'live'),
      report('stall-total', 'live'),
      report('stall-trigger', 'off'),
      report('host-pressure', 'refused'),
    ],
    ...more,
  }
}

const leak = Array.from({ length: 12 }, (_, index) =>
  reading({
    atMs: index * 1000,
    usedBytes: (400 + index * 4) * MIB,
    stall: { windowMs: 2000, someMs: index * 50, fullMs: index > 8 ? 20 : 0 },
    ...(index === 5 && { events: { high: 2, max: 0, oom: 0, oomKill: 0 } }),
  }),
)

describe('a frame', () => {
  it('shows usage, stalls, events, growth and the time to the limit', () => {
    const forecast = { bytesPerSec: 4 * MIB, confidence: 1, timeToLimitMs: 14_000 }
    const frame = watchFrame(after(leak, { forecast }), SIZE, glyphsFor({ LANG: 'C.UTF-8' }))
    expect(frame).toEqual([
      'worker@1.service  cgroup.unreclaimable, every 1 s, for 11 s',
      '',
      'memory    444 MiB of 500 MiB (88.8 %)',
      '          ███████████████████████████████████████████▌░░░░░',
      '          held by ...ker.slice/worker@1.service/memory.high',
      '',
      '                   ▂▅█',
      '                ▂▅████',
      '             ▁▄▇██████',
      '          ▁▄▇█████████',
      '          400 MiB to 444 MiB in the last 12 s',
      '',
      'stall     some 27.5 %, full 1 % of 2 s',
      '  some    ▁▂▂▃▄▄▅▅▆▇▇█',
      '  full    ▁▁▁▁▁▁▁▁▁▂▂▂',
      '  host    some 1 %, full 0 %',
      '',
      'events    high 2, max 0, oom 0, oom_kill 0 since the start',
      'growth    4 MiB a second, confidence 100 %',
      'limit     in 14 s',
      '',
      'sources   usage, memory-events, stall-total; not: host-pressure',
    ])
  })

  it('is made low in a low terminal', () => {
    const forecast = { bytesPerSec: 4 * MIB, confidence: 1, timeToLimitMs: 0 }
    const moment = after(leak, { forecast, title: 'a' })
    expect(watchFrame(moment, { columns: 40, rows: 16 }, glyphsFor({}))).toEqual([
      'a  cgroup.unreclaimable, every 1 s, for 11 s',
      'memory    444 MiB of 500 MiB (88.8 %)',
      '          ##########################...',
      '          held by ...ervice/memory.high',
      '          _...--==**##',
      '          400 MiB to 444 MiB in the last 12 s',
      'stall     some 27.5 %, full 1 % of 2 s',
      '  some    _...--==**##',
      '  full    _________...',
      '  host    some 1 %, full 0 %',
      'events    high 2, max 0, oom 0, oom_kill 0 since the start',
      'growth    4 MiB a second, confidence 100 %',
      'limit     reached',
      'sources   usage, memory-events, stall-total; not: host-pressure',
    ])
  })

  it('says what it cannot know', () => {
    const { limitBytes: _1, limitedBy: _2, stall: _3, hostStall: _4, ...bare } = reading()
    const sources = [report('usage', 'live'), report('stall-total', 'refused')]
    const frame = watchFrame(after([bare], { sources }), SIZE, glyphsFor({}))
    expect(frame).toEqual([
      'worker@1.service  cgroup.unreclaimable, every 1 s, for 0 ms',
      '',
      'memory    400 MiB',
      '',
      '           ',
      '           ',
      '           ',
      '          _',
      '          400 MiB to 400 MiB in the last 1 s',
      '',
      'stall     not accounted for',
      '',
      'events    not counted',
      'growth    not known yet',
      'limit     none',
      '',
      'sources   usage; not: stall-total',
    ])
  })

  it.each([
    [{ bytesPerSec: 2048, confidence: 0.2 }, '2 KiB a second, confidence 20 %', 'no time can be'],
    [{ bytesPerSec: -2048, confidence: -0.9 }, '-2 KiB a second, confidence 90 %', 'not approach'],
    [{ bytesPerSec: 0, confidence: 0 }, 'none', 'not approached'],
  ])('tells of growth %j: %s', (forecast, growth, limit) => {
    const frame = watchFrame(after([reading()], { forecast }), SIZE, glyphsFor({}))
    expect(frame).toContain(`growth    ${growth}`)
    expect(frame.find((line) => line.startsWith(`limit     ${limit}`))).toBeDefined()
  })
})

it('a line leaves out what is not known', () => {
  const events = { high: 2, max: 0, oom: 0, oomKill: 1 }
  const forecast = { bytesPerSec: MIB, confidence: 0.9, timeToLimitMs: 100_000 }
  expect(watchLine(after([reading({ events })], { forecast }))).toBe(
    '2026-05-01T12:00:00.000Z  400 MiB of 500 MiB (80 %)  stall some 0 %, full 0 %  events high 2, oom_kill 1  growth 1 MiB a second, confidence 90 %  limit in 100 s\n',
  )
  const { stall: _stall, ...unstalled } = reading()
  expect(watchLine(after([unstalled]))).toBe(
    '2026-05-01T12:00:00.000Z  400 MiB of 500 MiB (80 %)\n',
  )
})

describe('the history', () => {
  it('has a column for each interval, with the most of its readings', () => {
    const history = createHistory(1000)
    for (const [atMs, usedBytes] of [
      [5000, 10],
      [5100, 30],
      [5900, 20],
      [6000, 40],
      [9000, 50],
    ] as const) {
      history.add(reading({ atMs, usedBytes }))
    }
    expect(history.columns(9).map(({ usedBytes }) => usedBytes)).toEqual([30, 40, 40, 40, 50])
    expect(history.columns(2).map(({ usedBytes }) => usedBytes)).toEqual([40, 50])
    expect(history.spanMs()).toBe(4000)
  })

  it('adds up events', () => {
    const history = createHistory(1000)
    expect(history.events()).toEqual({})
    history.add(reading({ atMs: 1, events: { high: 1, oom: 1 } }))
    history.add(reading({ atMs: 2 }))
    history.add(reading({ atMs: 3, events: { high: 2 } }))
    expect(history.events()).toEqual({ high: 3, max: 0, oom: 1, oomKill: 0 })
  })
})

describe('a screen', () => {
  it('redraws what fits into the terminal in its place, and leaves it as it was', async () => {
    const written: string[] = []
    const screen = openScreen({
      screen: () => ({ columns: 6, rows: 4 }),
      write: (text) => Promise.resolve(written.push(text) > 0),
      json: () => Promise.resolve(true),
      tell: () => Promise.resolve(),
    })
    expect(await screen?.draw(() => ['one', 'two is long'])).toBe(true)
    await screen?.draw(() => ['a', 'b', 'c', 'd'])
    await screen?.close()
    expect(written).toEqual([
      '\u001b[?25l\u001b[2J\u001b[Hone\u001b[K\ntwo i\u001b[K\n\u001b[J',
      '\u001b[Ha\u001b[K\nb\u001b[K\n(2 mo\u001b[K\n\u001b[J',
      '\u001b[?25h',
    ])
  })
})

it('a text hangs beside its label', () => {
  expect(hanging('label  ', 'one two three four five', 27)).toBe(
    'label  one two three four\n       five\n',
  )
  expect(hanging('', 'one', 80)).toBe('one\n')
  expect(hanging('', `${'long'.repeat(10)} one`, 20)).toBe(`${'long'.repeat(10)}\none\n`)
})
