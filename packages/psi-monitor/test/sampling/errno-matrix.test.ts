import { describe, expect, it } from 'vitest'
import { reasonOf } from '../../src/kernel/errno.ts'
import type { PsiMonitorOptions } from '../../src/options.ts'
import type { SourceName, SourceReport } from '../../src/sources/source.ts'
import type { KernelCall } from '../kit/faulty-files.ts'
import { errnoError } from '../kit/refusing-files.ts'
import { SERVICE } from '../kit/trees.ts'
import { type Scene, setScene } from './scene.ts'

const CODES = [
  'EROFS',
  'EACCES',
  'EINVAL',
  'EBUSY',
  'EOPNOTSUPP',
  'ENODEV',
  'ENOENT',
  'EMFILE',
  'ENOSPC',
] as const
type Code = (typeof CODES)[number]

const isGone = (code: Code) => code === 'ENODEV' || code === 'ENOENT'
const isNotForUs = (code: Code) => isGone(code) || code === 'EACCES'
const why = (code: Code) => reasonOf(errnoError(code))

type Expected = Pick<SourceReport, 'state' | 'sentence'>
const live = (sentence = expect.any(String) as string): Expected => ({ state: 'live', sentence })
const off = (sentence: string): Expected => ({ state: 'off', sentence })
const refused = (sentence: string): Expected => ({ state: 'refused', sentence })
const ended = (code: Code): Expected => ({ state: 'ended', sentence: `It ended: ${why(code)}.` })

/** From the start; when all has run for 3 s; or just before a trigger is armed anew. */
type When = 'at first' | 'later' | 'at rearming'

interface More {
  readonly options?: PsiMonitorOptions
  /** Other sources that are different then, and nothing else is. */
  readonly also?: readonly SourceName[]
}

interface Case extends More {
  readonly call: KernelCall
  readonly path: string | RegExp
  readonly when: When
  readonly source: SourceName
  /** The source's report; undefined when nothing is left to measure. */
  readonly expected: (code: Code) => Expected | undefined
}

const fault = (
  call: KernelCall,
  path: string | RegExp,
  when: When,
  source: SourceName,
  expected: Case['expected'],
  more: More = {},
): Case => ({ call, path, when, source, expected, ...more })

const PRESSURE = `${SERVICE}/memory.pressure`
const EVENTS = /memory\.events(\.local)?$/
const FIFO = '/run/pressure'
const BY_SYSTEMD = {
  MEMORY_PRESSURE_WRITE: Buffer.from('some 200000 2000000\0').toString('base64'),
}
const asked = (path: string): PsiMonitorOptions => ({
  env: { ...BY_SYSTEMD, MEMORY_PRESSURE_WATCH: path },
})
const ASKED: More = { options: asked(PRESSURE), also: ['stall-trigger'] }
const ASKED_FIFO: More = { options: asked(FIFO), also: ['stall-trigger'] }
const WITH_TRIGGER: More = { options: { trigger: 'on' } }
const NO_TOTALS: More = { also: ['stall-trigger'] }
const CURRENT = `${SERVICE}/memory.current`
const STAT = `${SERVICE}/memory.stat`
const MAX = `${SERVICE}/memory.max`
const HOST = '/proc/pressure/memory'
const STATUS = '/proc/self/status'
const MEMBERSHIP = '/proc/self/cgroup'

const unread = (code: Code) => refused(`It cannot be read: ${why(code)}.`)
const unarmed = (code: Code) => refused(`It cannot be armed: ${why(code)}.`)
const unwatched = (code: Code) => refused(`It cannot be watched: ${why(code)}.`)
const notHad = (code: Code) => refused(`It cannot be had: ${why(code)}.`)
/** What is gone is looked for once more. */
const endedOr = (again: Case['expected']) => (code: Code) =>
  isGone(code) ? again(code) : ended(code)
const nothing = () => undefined
/** What is not there, or not for this user, is left out; an error of any other kind is none to guess about. */
const liveIfNotForUs = (sentence?: string) => (code: Code) =>
  isNotForUs(code) ? live(sentence) : undefined
const byProcess = liveIfNotForUs('The process itself is read (working set: unreclaimable).')

const cases: readonly Case[] = [
  fault('open', EVENTS, 'at first', 'memory-events', (code) =>
    refused(`The cgroup counts no memory events: ${why(code)}.`),
  ),
  fault('open', /memory\.events$/, 'at first', 'memory-events', () => live()),
  fault('read', EVENTS, 'at first', 'memory-events', notHad),
  fault('read', EVENTS, 'later', 'memory-events', endedOr(notHad)),
  fault('watch', EVENTS, 'at first', 'memory-events', (code) =>
    live(`The counters are read with every sample, as they cannot be watched: ${why(code)}.`),
  ),
  fault('open', PRESSURE, 'at first', 'stall-total', unread, NO_TOTALS),
  fault('read', PRESSURE, 'at first', 'stall-total', unread, NO_TOTALS),
  fault('read', PRESSURE, 'later', 'stall-total', endedOr(unread), NO_TOTALS),
  fault('open', HOST, 'at first', 'host-pressure', unread),
  fault('read', HOST, 'at first', 'host-pressure', unread),
  fault('read', HOST, 'later', 'host-pressure', endedOr(unread)),
  // Then Node.js says how much it is.
  fault('open', STATUS, 'at first', 'process', () => live()),
  fault('read', STATUS, 'at first', 'process', ended),
  fault('read', STATUS, 'later', 'process', ended),
  fault('open', CURRENT, 'at first', 'usage', byProcess, { also: ['process'] }),
  fault('open', STAT, 'at first', 'usage', byProcess, { also: ['process'] }),
  fault('read', CURRENT, 'at first', 'usage', nothing),
  fault('read', CURRENT, 'later', 'usage', nothing),
  fault('read', STAT, 'at first', 'usage', nothing),
  fault('read', STAT, 'later', 'usage', nothing),
  fault('open', MAX, 'at first', 'usage', liveIfNotForUs()),
  fault('read', MAX, 'later', 'usage', nothing),
  fault('open', MEMBERSHIP, 'at first', 'usage', () => live()),
  fault('read', MEMBERSHIP, 'at first', 'usage', () => live()),
  fault('arm', PRESSURE, 'at first', 'stall-trigger', unarmed, WITH_TRIGGER),
  fault('watch', PRESSURE, 'at first', 'stall-trigger', unarmed, WITH_TRIGGER),
  fault('arm', PRESSURE, 'at first', 'stall-trigger', (code) =>
    code === 'EINVAL'
      ? off('Without CAP_SYS_RESOURCE it would be slower than reading the totals every second.')
      : unarmed(code),
  ),
  fault('arm', PRESSURE, 'at rearming', 'stall-trigger', endedOr(unarmed), WITH_TRIGGER),
  fault('arm', PRESSURE, 'at first', 'systemd-watch', unwatched, ASKED),
  fault('watch', PRESSURE, 'at first', 'systemd-watch', unwatched, ASKED),
  fault('arm', PRESSURE, 'at rearming', 'systemd-watch', endedOr(unwatched), ASKED),
  fault('kindOf', FIFO, 'at first', 'systemd-watch', unwatched, ASKED_FIFO),
  fault('listen', FIFO, 'at first', 'systemd-watch', unwatched, ASKED_FIFO),
]

function prepare(options: PsiMonitorOptions | undefined): Scene {
  const scene = setScene(options, { [FIFO]: '' })
  scene.files.setKind(PRESSURE, 'cgroup2')
  scene.files.setKind(FIFO, 'fifo')
  return scene
}

async function run({ clock, files }: Scene, forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs; ms += 1000) {
    const before = files.calls.length
    await clock.advance(1000)
    expect(files.calls.length - before).toBeLessThan(80)
  }
}

/** Plays a fault from its beginning to 10 s after it. */
async function play({ call, path, when, options }: Case, code: Code): Promise<Scene> {
  const scene = prepare(options)
  if (when === 'at first') scene.files.fail(call, path, code)
  scene.start()
  await run(scene, 3000)
  if (when !== 'at first') scene.files.fail(call, path, code)
  if (when === 'at rearming') scene.files.modify(PRESSURE)
  await run(scene, 10_000)
  return scene
}

function expectNothingLeft({ files, clock }: Scene): void {
  expect(files.held()).toEqual([])
  expect(clock.pending).toBe(0)
}

const rows = CODES.flatMap((code) =>
  cases.map((each) => {
    const { call, path, when, source, options = {} } = each
    const trigger = options.trigger ? ' with trigger on' : ''
    return [
      `${code} from ${call} of ${String(path)} ${when}${trigger}: ${source}`,
      code,
      each,
    ] as const
  }),
)
const goesOn = rows.filter(([, code, { expected }]) => expected(code))
const fails = rows.filter(([, code, { expected }]) => !expected(code))

describe('all else goes on after', () => {
  it.each(goesOn)('%s', async (_title, code, each) => {
    const usual = prepare(each.options)
    usual.start()
    const scene = await play(each, code)
    const { readings, failures } = scene
    expect(scene.report(each.source)).toMatchObject(each.expected(code) ?? {})
    const told = readings.length
    await run(scene, 6000)
    expect(readings.length).toBeGreaterThan(told)
    expect(failures).toEqual([])
    const others = ({ source }: SourceReport) =>
      source !== each.source && !each.also?.includes(source)
    expect(scene.reports().filter(others)).toEqual(usual.reports().filter(others))
    scene.stop()
    expectNothingLeft(scene)
  })
})

describe('nothing is left to measure after', () => {
  it.each(fails)('%s', async (_title, code, each) => {
    const scene = await play(each, code)
    const { files, failures } = scene
    const report = scene.report(each.source)
    expect(report?.state).toMatch(/^(refused|ended)$/)
    expect(report?.sentence).toContain(why(code))
    expect(failures).toEqual([new Error(`Nothing is left to measure. ${report?.sentence}`)])
    const { length } = files.calls
    await run(scene, 6000)
    expect(files.calls).toHaveLength(length)
    expectNothingLeft(scene)
  })
})

it('every file of the kernel out of reach later ends all, in one sentence', async () => {
  const scene = setScene()
  scene.start()
  await run(scene, 3000)
  for (const call of ['open', 'read', 'readText', 'kindOf', 'arm', 'watch'] as const) {
    scene.files.fail(call, /./, 'EMFILE')
  }
  await run(scene, 5000)
  expect(scene.failures).toEqual([
    new Error(
      'Nothing is left to measure. It ended: EMFILE: the limit of open files, or of inotify instances of this user, is reached.',
    ),
  ])
  expectNothingLeft(scene)
})
