import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SystemdPlan, plan } from '../../src/host/plan.ts'
import type { SystemdRequest } from '../../src/host/request.ts'
import { resolveSettings } from '../../src/host/settings.ts'
import { parseUnitFile } from '../../src/unit-file/parse.ts'
import { isOursUnchanged } from '../../src/unit-file/render.ts'
import { literalFacts } from '../kit/literal-facts.ts'
import { settingsOf } from '../kit/plan-texts.ts'

const facts = literalFacts({ version: 257 })
const planFor = (request: Partial<SystemdRequest>): SystemdPlan =>
  plan({ target: 'worker.service', hardBytes: 2 ** 30, ...request }, facts)

describe('names of units', () => {
  const bad = [
    '',
    'worker',
    'worker.slice',
    'a\n.service',
    'a/b.service',
    '/etc/passwd.service',
    '../a.service',
    '..service',
    '-a.service',
    'a b.service',
    'a%n.service',
    'a$b.service',
    'a;b.service',
    'a\0.service',
    'é.service',
    `${'a'.repeat(260)}.service`,
  ]
  it.each(bad)('%j is refused', (target) => {
    expect(() => planFor({ target })).toThrow(TypeError)
  })

  it.each(['', 'a/b', '../x', 'a\nb', 'a b', 'a%i', 'x'.repeat(260)])(
    'an instance %j is refused',
    (instance) => {
      const overrides = { [instance]: { max: '1G' } }
      expect(() => planFor({ target: 'worker@.service', overrides })).toThrow(TypeError)
    },
  )

  it('overrides of what is no template are refused', () => {
    expect(() => planFor({ overrides: { a: { max: '1G' } } })).toThrow(/has no instance/)
  })
})

describe('values', () => {
  it.each([
    ['limits.max', { limits: { max: '2GB' } }, /UNLIMITED/],
    ['limits.max', { limits: { max: '2G\nExecStart=/bin/x' } }, /UNLIMITED/],
    ['limits.max', { limits: { max: 0 } }, /UNLIMITED/],
    ['limits.max', { limits: { max: -1 } }, /UNLIMITED/],
    ['limits.max', { limits: { max: Number.NaN } }, /UNLIMITED/],
    ['limits.max', { limits: { max: '' } }, /is empty/],
    ['limits', { limits: { maximum: '2G' } }, /`limits`.*max/],
    ['overrides', { target: 'w@.service', overrides: { a: { mx: '2G' } } }, /`limits`/],
    ['order', { order: '4/' }, /`order`/],
    ['order', { order: '45\n' }, /`order`/],
    ['oomPolicy', { oomPolicy: 'kill\nX=' }, /`oomPolicy`/],
    ['restart.policy', { restart: { policy: 'no' } }, /`restart\.policy`/],
    ['restart.delayMs', { restart: { delayMs: '1\nExecStart=/x' } }, /`restart\.delayMs`/],
    ['restart.exitCode', { restart: { exitCode: 0 } }, /`restart\.exitCode`/],
    ['restart.exitCode', { restart: { exitCode: 256 } }, /`restart\.exitCode`/],
    ['restart.starts', { restart: { starts: 1.5 } }, /`restart\.starts`/],
    ['restart.maxDelayMs', { restart: { maxDelayMs: 5 } }, /`restart\.maxDelayMs`/],
    ['stop.timeoutMs', { stop: { timeoutMs: Infinity } }, /`stop\.timeoutMs`/],
    ['stop.killMode', { stop: { killMode: 'none' } }, /`stop\.killMode`/],
    ['pressure.thresholdMs', { pressure: { thresholdMs: -5 } }, /`pressure\.thresholdMs`/],
    ['hook.recoverMs', { hook: { recoverMs: Number.NaN } }, /`hook\.recoverMs`/],
  ])('of `%s` that are no good are refused by name: %j', (_, request, message) => {
    const given = request as unknown as Partial<SystemdRequest>
    expect(() => planFor(given)).toThrow(TypeError)
    expect(() => planFor(given)).toThrow(message)
  })

  it('a share is refused for an image, which does not know its host', () => {
    const request = { target: 'worker.service', limits: { max: '50%' } }
    const image = literalFacts({ isOffline: true, memoryBytes: 0 })
    expect(() => plan(request, image)).toThrow(expect.objectContaining({ code: 'PLAN_REFUSED' }))
    expect(settingsOf(plan(request, facts), 'limits')).toContain('MemoryMax=4294967296')
  })

  it.each([
    [{ scope: 'root' }, /`scope`/],
    [{ persistence: 'forever' }, /`persistence`/],
    [{ hierarchy: 'hybrid' }, /`hierarchy`/],
    [{ root: 'relative' }, /`root`/],
    [{ root: '/a/../b' }, /`root`/],
    [{ root: '/image' }, /`version`/],
    [{ root: '/image', version: 2.5 }, /`version`/],
  ])('of settings that are no good are refused by name: %j', (options, message) => {
    expect(() => resolveSettings(options as object)).toThrow(message)
  })
})

describe('hooks', () => {
  it.each([
    '',
    'hook',
    '/',
    '/opt/a b',
    '/opt/%n',
    '/opt/../etc/x',
    '/opt/./x',
    '/opt//x',
    '/opt/x/',
    '/opt/x\n',
    '/opt/$x',
    '/opt/"x"',
  ])('at %j are refused, and so is such a spool', (path) => {
    expect(() => planFor({ hook: { path } })).toThrow(/`hook\.path`/)
    expect(() => planFor({ hook: { spool: path } })).toThrow(/`hook\.spool`/)
  })

  it('quote the arguments of recovery, so that each arrives as it was given', () => {
    const recover = ['/opt/re cover', '100%', '$HOME', '$X', '"', "'", '\\', ';', '', '-x', 'é']
    expect(settingsOf(planFor({ hook: { recover } }), 'hook').at(-1)).toBe(
      String.raw`ExecStopPost=-/usr/bin/timeout --kill-after=2 10 "/opt/re cover" 100%% "$$HOME" "$$X" "\"" "'" "\\" ";" "" "-x" "é"`,
    )
  })

  it.each(['/bin/x\n', '/bin/x\0', '/bin/\r', '/bin/\u007F', '/bin/\uD800'])(
    'with control characters in the program %j are refused',
    (program) => {
      expect(() => planFor({ hook: { recover: [program] } })).toThrow(TypeError)
      expect(() => planFor({ hook: { recover: ['/bin/x', program] } })).toThrow(TypeError)
    },
  )

  it.each(['sh', './sh', '-sh', ' /bin/sh'])(
    'with a program %j that is no path are refused',
    (program) => {
      expect(() => planFor({ hook: { recover: [program] } })).toThrow(/`hook\.recover`/)
    },
  )

  it("of a user's services do not go where only root may write", () => {
    const request = { target: 'worker.service', hook: {} }
    const own = literalFacts({ scope: 'user' })
    expect(() => plan(request, own)).toThrow(expect.objectContaining({ code: 'PLAN_REFUSED' }))
    const hook = { path: '/home/ann/bin/hook', spool: '/run/user/1000/deaths' }
    expect(settingsOf(plan({ ...request, hook }, own), 'hook')).toEqual([
      '[Service]',
      'ExecStopPost=-/home/ann/bin/hook %n /run/user/1000/deaths',
    ])
  })
})

/** Anything at all, but mostly what is near the real thing. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('2G', '50%', '1G\n[Install]\nAlias=x', '/opt/x', '%n', '\\', 'a\\', '$X', '"'),
)
const number = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 100 }) },
  fc.double(),
  text,
)
const programPath = fc.oneof({ weight: 8, arbitrary: fc.constant('/opt/x') }, text)
const argument = fc.oneof({ weight: 4, arbitrary: fc.string({ unit: 'grapheme' }) }, text)
const record = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.constant(false),
    fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] }),
  )
const anything = fc.record(
  {
    limits: fc.record({ max: number, high: number, swapMax: number }, { requiredKeys: [] }),
    oomPolicy: fc.constantFrom('kill', 'stop', 'continue', 'kill', 'x\ny'),
    restart: record(['delayMs', 'starts', 'exitCode'], number),
    stop: record(['timeoutMs'], number),
    pressure: record(['thresholdMs'], number),
    notify: fc.boolean(),
    hook: fc.record(
      {
        path: programPath,
        recover: fc.array(argument, { maxLength: 3 }).map((all) => ['/opt/x', ...all]),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const KEYS = new Set(
  `MemoryMax MemoryHigh MemorySwapMax OOMPolicy StartLimitIntervalSec StartLimitBurst Restart RestartSec
  SuccessExitStatus RestartForceExitStatus RestartSteps RestartMaxDelaySec KillMode TimeoutStopSec
  MemoryPressureWatch MemoryPressureThresholdSec NotifyAccess OpenFile ExecStopPost`.split(/\s+/),
)

/** None where the request is refused as it must be. */
function filesFor(request: object): SystemdPlan['files'] {
  try {
    return planFor(request).files
  } catch (error) {
    if (error instanceof TypeError) return []
    throw error
  }
}

describe('whatever goes in', () => {
  it('comes out as the lines that are meant, and no others, or is refused with a TypeError', () => {
    let rendered = 0
    fc.assert(
      fc.property(anything, (request) => {
        for (const { path, after = '' } of filesFor(request)) {
          if (!path.endsWith('.conf')) continue
          rendered += 1
          expect(isOursUnchanged(after)).toBe(true)
          const { assignments, oddities, isWhole } = parseUnitFile(Buffer.from(after))
          expect({ oddities, isWhole }).toEqual({ oddities: [], isWhole: true })
          expect(assignments.filter(({ key }) => !KEYS.has(key))).toEqual([])
          // A line for each of them, one for each section, and the first.
          const sections = new Set(assignments.map(({ section }) => section))
          expect(after.trimEnd().split('\n')).toHaveLength(assignments.length + sections.size + 1)
        }
      }),
      { numRuns: 500 },
    )
    expect(rendered).toBeGreaterThan(100)
  })
})
