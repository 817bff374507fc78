import { describe, expect, it } from 'vitest'
import { plan } from '../../src/host/plan.ts'
import type { SystemdRequest } from '../../src/host/request.ts'
import { literalFacts } from '../kit/literal-facts.ts'
import { planTexts, settingsOf } from '../kit/plan-texts.ts'

const ETC = '/etc/systemd/system'
const GIB = 2 ** 30

/** The origin's own: a template, a drop-in with `MemoryLimit=`, and two instances. */
const ORIGIN = {
  '/usr/lib/systemd/system/dynflow-sidekiq@.service':
    '[Service]\nExecStart=/usr/bin/sidekiq\nRestart=on-failure\n',
  [`${ETC}/dynflow-sidekiq@.service.d/memory-limit.conf`]: '[Service]\nMemoryLimit=2G\n',
}
const originUnits = [
  'dynflow-sidekiq@worker-1.service',
  'dynflow-sidekiq@worker-hosts-queue.service',
]
const origin: SystemdRequest = {
  target: 'dynflow-sidekiq@.service',
  hardBytes: 2 * GIB,
  overrides: { 'worker-hosts-queue': { max: '4G' } },
}
const codes = (findings: readonly { level: string; code: string }[]) =>
  findings.map(({ level, code }) => `${level} ${code}`)

describe("the origin's own case", () => {
  it('is MemoryMax of template and instance on 252, whose MemoryLimit is cancelled by it', () => {
    const { findings, effects, ...planned } = plan(
      origin,
      literalFacts({ version: 252, files: ORIGIN, units: originUnits }),
    )
    expect(planTexts({ findings, effects, ...planned })).toEqual({
      'dynflow-sidekiq@.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryMax=2147483648',
        'OOMPolicy=kill',
      ],
      'dynflow-sidekiq@worker-hosts-queue.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryMax=4294967296',
        'OOMPolicy=kill',
      ],
    })
    expect(planned.commands).toEqual([['systemctl', 'daemon-reload']])
    expect(effects.map(({ unit, limits }) => [unit, limits['MemoryMax']?.winner?.value])).toEqual([
      ['dynflow-sidekiq@worker-1.service', '2147483648'],
      ['dynflow-sidekiq@worker-hosts-queue.service', '4294967296'],
    ])
    expect(codes(findings)).toEqual(['warning legacy_cancelled', 'warning legacy_cancelled'])
  })

  it.each([257, 262])('is the same files on %i', (version) => {
    const on = (each: number) =>
      planTexts(plan(origin, literalFacts({ version: each, files: ORIGIN, units: originUnits })))
    expect(on(version)).toEqual(on(252))
  })

  it('tells on 262 that the old line is ignored', () => {
    const facts = literalFacts({ version: 262, files: ORIGIN, units: originUnits })
    expect(codes(plan(origin, facts).findings)).toEqual([
      'warning legacy_ignored',
      'warning legacy_ignored',
    ])
  })

  it('is MemoryLimit and accounting on 219, and the old file defeats it there', () => {
    const facts = literalFacts({
      version: 219,
      hierarchy: 'legacy',
      files: ORIGIN,
      units: originUnits,
    })
    const planned = plan(origin, facts)
    expect(planTexts(planned)).toEqual({
      'dynflow-sidekiq@.service.d/45-recycler-accounting.conf': [
        '[Service]',
        'MemoryAccounting=yes',
      ],
      'dynflow-sidekiq@.service.d/45-recycler-limits.conf': ['[Service]', 'MemoryLimit=2147483648'],
      'dynflow-sidekiq@worker-hosts-queue.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryLimit=4294967296',
      ],
    })
    expect(codes(planned.findings)).toEqual([
      'error shadowed',
      'warning shadowed',
      'info oom_undetectable',
    ])
  })

  it('counts the old line as the limit for as long as nothing newer is set', () => {
    const facts = literalFacts({
      files: ORIGIN,
      units: [{ name: originUnits[0] ?? '', isActive: true, usedBytes: 3 * GIB }],
    })
    const { findings } = plan({ target: origin.target, restart: {} }, facts)
    expect(codes(findings)).toContain('error below_usage')
  })
})

describe('every concern', () => {
  const request: SystemdRequest = {
    target: 'worker.service',
    limits: { max: '2G', high: '1.5G', low: '100M', min: '50M', swapMax: 0 },
    oomPolicy: 'stop',
    restart: {},
    stop: { timeoutMs: 120_000 },
    pressure: { thresholdMs: 200 },
    notify: true,
    hook: { recover: ['/usr/bin/worker-recycler-redis', 'recover', '--from-systemd'] },
  }
  const files = { '/etc/systemd/system/worker.service': '[Service]\nRestart=no\n' }
  const on = (version: number, hierarchy: 'unified' | 'legacy') =>
    plan(request, literalFacts({ version, hierarchy, files, units: ['worker.service'] }))
  const named = (version: number, hierarchy: 'unified' | 'legacy') =>
    Object.fromEntries(
      Object.entries(planTexts(on(version, hierarchy)))
        .filter(([path]) => path.endsWith('.conf'))
        .map(([path, lines]) => [path.replace(/^.*-recycler-(.*)\.conf$/, '$1'), lines]),
    )
  const left = (version: number, hierarchy: 'unified' | 'legacy') =>
    on(version, hierarchy)
      .findings.filter(({ code }) => code === 'not_supported')
      .map(({ message }) => /\b(?:Memory|OOM|Restart|Open|Exec)\w+/.exec(message)?.[0])

  it('is written in the words of 257', () => {
    expect(named(257, 'unified')).toEqual({
      limits: [
        '[Service]',
        'MemoryMax=2147483648',
        'MemoryHigh=1610612736',
        'MemoryLow=104857600',
        'MemoryMin=52428800',
        'MemorySwapMax=0',
        'OOMPolicy=stop',
      ],
      restart: [
        '[Unit]',
        'StartLimitIntervalSec=600000ms',
        'StartLimitBurst=10',
        '[Service]',
        'Restart=on-failure',
        'RestartSec=1000ms',
        'SuccessExitStatus=75',
        'RestartForceExitStatus=75',
        'RestartSteps=5',
        'RestartMaxDelaySec=60000ms',
      ],
      stop: ['[Service]', 'KillMode=mixed', 'TimeoutStopSec=120000ms'],
      pressure: ['[Service]', 'MemoryPressureWatch=on', 'MemoryPressureThresholdSec=200ms'],
      notify: [
        '[Service]',
        'NotifyAccess=main',
        'OpenFile=/run/systemd/notify:recycler-notify:graceful',
      ],
      hook: [
        '[Service]',
        'ExecStopPost=-+/usr/local/libexec/worker-recycler-death-record %n /run/worker-recycler/deaths',
        'ExecStopPost=-/usr/bin/timeout --kill-after=2 10 /usr/bin/worker-recycler-redis recover "--from-systemd"',
      ],
    })
    expect(left(257, 'unified')).toEqual([])
  })

  it('is the same on 262, and on 252 without what came later', () => {
    expect(named(262, 'unified')).toEqual(named(257, 'unified'))
    const { restart, pressure, notify, ...same } = named(257, 'unified')
    expect(named(252, 'unified')).toEqual({ ...same, restart: restart?.slice(0, -2) })
    expect([pressure, notify].every(Boolean)).toBe(true)
    expect(left(252, 'unified')).toEqual(['RestartSteps', 'MemoryPressureWatch', 'OpenFile'])
  })

  it('is only the hard limit on cgroup v1, and says what is left out', () => {
    expect(named(239, 'legacy')['limits']).toEqual(['[Service]', 'MemoryMax=2147483648'])
    expect(left(239, 'legacy')).toEqual([
      'MemoryHigh',
      'MemoryLow',
      'MemoryMin',
      'MemorySwapMax',
      'OOMPolicy',
      'RestartSteps',
      'MemoryPressureWatch',
      'OpenFile',
    ])
    expect(left(257, 'legacy')).toEqual([
      'MemoryHigh',
      'MemoryLow',
      'MemoryMin',
      'MemorySwapMax',
      'OOMPolicy',
      'MemoryPressureWatch',
    ])
  })

  it('is in the old words on 219 and 229, where a hook would not be told anything', () => {
    for (const version of [219, 229]) {
      const { restart, ...rest } = named(version, 'legacy')
      expect(rest).toEqual({
        accounting: ['[Service]', 'MemoryAccounting=yes'],
        limits: ['[Service]', 'MemoryLimit=2147483648'],
        stop: ['[Service]', 'KillMode=mixed', 'TimeoutStopSec=120000ms'],
      })
      expect(restart?.slice(0, 3)).toEqual([
        '[Service]',
        'StartLimitInterval=600000ms',
        'StartLimitBurst=10',
      ])
      expect(left(version, 'legacy')).toContain('ExecStopPost')
      expect(on(version, 'legacy').files.every(({ path }) => path.endsWith('.conf'))).toBe(true)
    }
  })

  it("writes the hook's program before the drop-in that names it, and for all to run", () => {
    const { files: planned } = on(252, 'unified')
    const program = planned.findIndex(({ path }) => path.endsWith('worker-recycler-death-record'))
    expect(planned[program]).toMatchObject({ mode: 0o755 })
    expect(program).toBeLessThan(planned.findIndex(({ path }) => path.endsWith('hook.conf')))
  })
})

describe('instances', () => {
  const request: SystemdRequest = {
    target: 'worker@.service',
    limits: { max: '2G', swapMax: 0 },
    overrides: { big: { max: '4G' }, calm: { high: '1G' } },
    oomPolicy: 'stop',
  }

  it('have whole files under the same name as their template, so that each replaces the other', () => {
    const texts = planTexts(plan(request, literalFacts()))
    expect(texts).toEqual({
      'worker@.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryMax=2147483648',
        'MemorySwapMax=0',
        'OOMPolicy=stop',
      ],
      'worker@big.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryMax=4294967296',
        'MemorySwapMax=0',
        'OOMPolicy=stop',
      ],
      'worker@calm.service.d/45-recycler-limits.conf': [
        '[Service]',
        'MemoryMax=2147483648',
        'MemoryHigh=1073741824',
        'MemorySwapMax=0',
        'OOMPolicy=stop',
      ],
    })
  })

  it('of which none is known are told of by one that stands for all', () => {
    const { effects } = plan({ target: 'worker@.service', hardBytes: GIB }, literalFacts())
    expect(effects.map(({ unit }) => unit)).toEqual(['worker@any.service'])
  })

  it('of which all known have limits of their own are told of, and all others by one', () => {
    const overrides = { big: { max: 4 * GIB } }
    const asked = { target: 'worker@.service', hardBytes: GIB, overrides }
    const { effects } = plan(asked, literalFacts())
    const limits = effects.map((effect) => [effect.unit, effect.limits['MemoryMax']?.winner?.value])
    expect(limits).toEqual([
      ['worker@any.service', String(GIB)],
      ['worker@big.service', String(4 * GIB)],
    ])
  })

  it('with limits of their own are accounted for on 219, though the template has none', () => {
    const only = { target: 'worker@.service', overrides: { big: { max: '1G' } } }
    const facts = literalFacts({ version: 219, hierarchy: 'legacy' })
    expect(settingsOf(plan(only, facts), 'accounting')).toEqual([
      '[Service]',
      'MemoryAccounting=yes',
    ])
  })
})

describe('a plan', () => {
  it('is the same every time, and plain data', () => {
    const facts = literalFacts({ files: ORIGIN, units: originUnits })
    const first = plan(origin, facts)
    expect(plan(origin, facts)).toEqual(first)
    expect(JSON.parse(JSON.stringify(first))).toEqual(first)
  })

  it('changes nothing and asks for no reload where everything is as asked', () => {
    const first = plan(origin, literalFacts({ units: originUnits }))
    const files = Object.fromEntries(first.files.map(({ path, after = '' }) => [path, after]))
    const again = plan(origin, literalFacts({ files, units: originUnits }))
    expect(again.commands).toEqual([])
    expect(again.files.every(({ before, after }) => before === after)).toBe(true)
  })

  it('reloads for a manager that has not read its files yet', () => {
    const units = [{ name: 'worker.service', isActive: true, needsReload: true }]
    const { commands } = plan({ target: 'worker.service' }, literalFacts({ units }))
    expect(commands).toEqual([['systemctl', 'daemon-reload']])
  })

  it('names the calls that bring limits to the kernel where a reload does not (257)', () => {
    const kernel = { max: 3 * GIB, high: Infinity, swapMax: Infinity }
    const units = [{ name: 'worker.service', isActive: true, kernel }]
    const request = { target: 'worker.service', hardBytes: 2 * GIB }
    expect(plan(request, literalFacts({ version: 257, units })).commands).toEqual([
      ['systemctl', 'set-property', '--runtime', '--', 'worker.service', 'MemoryMax=2147483648'],
      ['systemctl', 'daemon-reload'],
    ])
    expect(plan(request, literalFacts({ version: 262, units })).commands).toHaveLength(1)
  })

  it('of a user goes to their own directories, and of an image asks no manager', () => {
    const request = { target: 'worker.service', hardBytes: GIB }
    const own = plan(request, literalFacts({ scope: 'user' }))
    expect(own.files.map(({ path }) => path)).toEqual([
      '/home/ann/.config/systemd/user/worker.service.d/45-recycler-limits.conf',
    ])
    expect(own.commands).toEqual([['systemctl', '--user', 'daemon-reload']])
    expect(plan(request, literalFacts({ isOffline: true })).commands).toEqual([])
  })

  it('makes the directories that are missing for its files, and no others', () => {
    const missing = ['/usr/local/libexec', `${ETC}/other.service.d`, `${ETC}/worker.service.d`]
    const request: SystemdRequest = { target: 'worker.service', hardBytes: GIB }
    const { directories } = plan(request, literalFacts({ missing }))
    expect(directories).toEqual([`${ETC}/worker.service.d`])
    expect(plan({ ...request, hook: {} }, literalFacts({ missing })).directories).toEqual([
      '/usr/local/libexec',
      `${ETC}/worker.service.d`,
    ])
  })

  it('takes away what it had written and is wanted no more, under whichever order', () => {
    const first = plan({ ...origin, restart: {} }, literalFacts({ units: originUnits }))
    const files = Object.fromEntries(first.files.map(({ path, after = '' }) => [path, after]))
    const request = { target: origin.target, hardBytes: GIB, order: '95' }
    const next = plan(request, literalFacts({ files, units: originUnits }))
    expect(
      next.files.map(({ path, after }) => [path.replace(`${ETC}/`, ''), Boolean(after)]),
    ).toEqual([
      ['dynflow-sidekiq@.service.d/95-recycler-limits.conf', true],
      ['dynflow-sidekiq@.service.d/45-recycler-limits.conf', false],
      ['dynflow-sidekiq@.service.d/45-recycler-restart.conf', false],
      ['dynflow-sidekiq@worker-hosts-queue.service.d/45-recycler-limits.conf', false],
    ])
  })

  it('takes away the live values of the keys that it sets, as they are read after it', () => {
    const live = '/run/systemd/system.control/worker.service.d'
    const text = (line: string) => `# created via "systemctl set-property"\n[Service]\n${line}\n`
    const files = {
      [`${live}/50-MemoryMax.conf`]: text('MemoryMax=5'),
      [`${live}/50-MemoryHigh.conf`]: text('MemoryHigh=4'),
    }
    const facts = literalFacts({ files, units: ['worker.service'] })
    const { files: planned, effects } = plan({ target: 'worker.service', hardBytes: GIB }, facts)
    expect(planned.map(({ path, before }) => [path, before])).toContainEqual([
      `${live}/50-MemoryMax.conf`,
      text('MemoryMax=5'),
    ])
    expect(planned.some(({ path }) => path.endsWith('50-MemoryHigh.conf'))).toBe(false)
    expect(effects[0]?.limits['MemoryMax']?.winner?.value).toBe(String(GIB))
  })
})
