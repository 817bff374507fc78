import { describe, expect, it } from 'vitest'
import type { UnitFacts } from '../../src/host/facts.ts'
import { plan } from '../../src/host/plan.ts'
import type { SystemdRequest } from '../../src/host/request.ts'
import { type LiteralHost, literalFacts } from '../kit/literal-facts.ts'

const ETC = '/etc/systemd/system'
const OWN = `${ETC}/worker.service.d/45-recycler-limits.conf`
const GIB = 2 ** 30
const SERVICE = '[Service]\nExecStart=/usr/bin/worker\nRestart=on-failure\n'
const FRAGMENT = `${ETC}/worker.service`

/** Of a service that is there, with a limit of 2 GiB, and swap limited. */
function findingsOf(host: LiteralHost, request: Partial<SystemdRequest> = {}) {
  const facts = literalFacts({
    units: [{ name: 'worker.service', isActive: false }],
    ...host,
    files: { [FRAGMENT]: SERVICE, ...host.files },
  })
  const asked = { target: 'worker.service', limits: { max: '2G', swapMax: 0 }, ...request }
  return plan(asked, facts).findings
}

const running = (facts: Partial<UnitFacts>): LiteralHost => ({
  units: [{ name: 'worker.service', isActive: true, ...facts }],
})
const dropIn = (name: string, lines: string): LiteralHost => ({
  files: { [`${ETC}/worker.service.d/${name}`]: `[Service]\n${lines}\n` },
})

it('a plan for a sound service has no findings', () => {
  expect(findingsOf({})).toEqual([])
  expect(findingsOf({ version: 262, swapBytes: GIB }, { restart: {}, stop: {}, hook: {} })).toEqual(
    [],
  )
})

/** One case that gives a finding, what its message must show, and a near miss. */
interface Case {
  readonly code: string
  readonly level: 'error' | 'warning' | 'info'
  readonly given: readonly [LiteralHost, Partial<SystemdRequest>?]
  readonly shows: readonly string[]
  readonly nearMiss: readonly [LiteralHost, Partial<SystemdRequest>?]
}

const cases: readonly Case[] = [
  {
    code: 'foreign_edit',
    level: 'error',
    given: [dropIn('45-recycler-limits.conf', 'MemoryMax=1G')],
    shows: [OWN, 'changed by somebody else', '--replace-edited'],
    nearMiss: [dropIn('46-recycler.conf', 'CPUWeight=5')],
  },
  {
    code: 'foreign_edit',
    level: 'warning',
    given: [dropIn('45-recycler-limits.conf', 'MemoryMax=1G'), { replaceEdited: true }],
    shows: [OWN, 'is replaced'],
    nearMiss: [{}, { replaceEdited: true }],
  },
  {
    code: 'foreign_edit',
    level: 'error',
    given: [{ files: { [OWN]: '[Service]\nDescription=\u{FFFD}\n' } }, { replaceEdited: true }],
    shows: [OWN, 'no text', 'move it away'],
    nearMiss: [{ files: { [OWN]: '[Service]\nDescription=\u00E9\n' } }, { replaceEdited: true }],
  },
  {
    code: 'foreign_edit',
    level: 'warning',
    given: [dropIn('45-recycler-stop.conf', 'KillMode=process')],
    shows: ['45-recycler-stop.conf', 'stays', '--replace-edited'],
    nearMiss: [dropIn('stop.conf', 'KillMode=process')],
  },
  {
    code: 'symbolic_link',
    level: 'error',
    given: [{ links: { [`${ETC}/worker.service.d`]: '/srv/shared' } }],
    shows: [`${ETC}/worker.service.d`, '/srv/shared', 'directory'],
    nearMiss: [
      {
        links: {
          [ETC]: '/usr/etc/systemd/system',
          [`${ETC}/worker.service.d`]: '/usr/etc/systemd/system/worker.service.d',
        },
      },
    ],
  },
  {
    code: 'file_unreadable',
    level: 'warning',
    given: [{ unreadable: { [`${ETC}/worker.service.d/x.conf`]: 'EACCES' } }],
    shows: [`${ETC}/worker.service.d/x.conf`, 'EACCES', 'as root'],
    nearMiss: [{ unreadable: {} }],
  },
  {
    code: 'not_supported',
    level: 'warning',
    given: [{ version: 239, hierarchy: 'legacy' }, { limits: { max: '2G', high: '1G' } }],
    shows: ['MemoryHigh=1073741824', '239', 'cgroup v1'],
    nearMiss: [{ version: 239, hierarchy: 'legacy' }, { limits: { max: '2G' } }],
  },
  {
    code: 'hook_unsafe',
    level: 'error',
    given: [{ hook: { loose: ['/opt has mode 777'] } }, { hook: { path: '/opt/hook' } }],
    shows: ['/opt has mode 777', '/opt/hook', 'mode 755'],
    nearMiss: [{ hook: { loose: [] } }, { hook: { path: '/opt/hook' } }],
  },
  {
    code: 'shadowed',
    level: 'error',
    given: [dropIn('memory-limit.conf', 'MemoryMax=1G')],
    shows: [
      'worker.service: ',
      'MemoryMax=2147483648',
      OWN,
      `${ETC}/worker.service.d/memory-limit.conf:2 sets 1G`,
      'same name',
    ],
    nearMiss: [dropIn('40-vendor.conf', 'MemoryMax=1G')],
  },
  {
    code: 'shadowed',
    level: 'error',
    given: [dropIn('override.conf', 'MemoryMax=')],
    shows: ['override.conf:2 takes it back'],
    nearMiss: [dropIn('override.conf', 'MemoryMax=2GB')],
  },
  {
    code: 'shadowed',
    level: 'warning',
    given: [dropIn('90-vendor.conf', 'MemoryMax=2048M')],
    shows: ['90-vendor.conf:2 sets the same, 2048M,', '--order 95'],
    nearMiss: [dropIn('90-vendor.conf', 'MemoryMax=2048M'), { order: '95' }],
  },
  {
    code: 'shadowed',
    level: 'warning',
    given: [dropIn('override.conf', 'KillMode=process'), { stop: {} }],
    shows: ['KillMode=mixed', 'override.conf:2 sets process', '45-recycler-stop.conf'],
    nearMiss: [dropIn('override.conf', 'KillMode=mixed'), { stop: {} }],
  },
  {
    code: 'file_replaced',
    level: 'error',
    given: [
      {
        files: {
          '/run/systemd/system.control/worker.service.d/45-recycler-limits.conf':
            '[Service]\nCPUWeight=5\n',
        },
      },
    ],
    shows: [
      'worker.service: ',
      OWN,
      '/run/systemd/system.control/',
      'MemoryMax, MemorySwapMax, OOMPolicy of it are lost',
      'Remove that file',
    ],
    nearMiss: [
      {
        files: {
          '/usr/lib/systemd/system/worker.service.d/45-recycler-limits.conf':
            '[Service]\nCPUWeight=5\n',
        },
      },
    ],
  },
  {
    code: 'value_ignored',
    level: 'warning',
    given: [dropIn('40-vendor.conf', 'MemoryHigh=2GB')],
    shows: ['worker.service: ', 'MemoryHigh=2GB', '40-vendor.conf:2', 'Write 2G'],
    nearMiss: [dropIn('40-vendor.conf', 'MemoryHigh=2G'), { limits: { max: '3G', swapMax: 0 } }],
  },
  {
    code: 'key_unknown',
    level: 'warning',
    given: [{ version: 219, hierarchy: 'legacy', ...dropIn('40-vendor.conf', 'MemoryMax=1G') }],
    shows: ['219', 'MemoryMax=1G', '40-vendor.conf:2', 'MemoryLimit'],
    nearMiss: [{ version: 231, ...dropIn('40-vendor.conf', 'MemoryMax=1G') }],
  },
  {
    code: 'legacy_ignored',
    level: 'error',
    given: [{ version: 258, ...dropIn('memory-limit.conf', 'MemoryLimit=2G') }, { limits: {} }],
    shows: ['worker.service: ', 'MemoryLimit=2G', 'memory-limit.conf:2', '258', 'NO hard limit'],
    nearMiss: [{ version: 257, ...dropIn('memory-limit.conf', 'MemoryLimit=2G') }, { limits: {} }],
  },
  {
    code: 'legacy_cancelled',
    level: 'error',
    given: [dropIn('memory-limit.conf', 'MemoryLimit=2G'), { limits: { high: '1G' } }],
    shows: ['MemoryLimit=2G', 'memory-limit.conf:2', 'NO hard limit', 'set MemoryMax'],
    nearMiss: [
      dropIn('memory-limit.conf', 'MemoryLimit=2G'),
      { limits: { high: 'infinity', low: 0, swapMax: 'infinity' } },
    ],
  },
  {
    code: 'legacy_cancelled',
    level: 'warning',
    given: [dropIn('memory-limit.conf', 'MemoryLimit=2G')],
    shows: ['MemoryMax=2147483648 is in force', 'remove the old line'],
    nearMiss: [dropIn('memory-limit.conf', 'MemoryLimit=infinity')],
  },
  {
    code: 'below_usage',
    level: 'error',
    given: [running({ usedBytes: 3 * GIB })],
    shows: ['worker.service: ', 'uses 3 GiB', 'MemoryMax=2 GiB', 'kills', '--below-usage'],
    nearMiss: [running({ usedBytes: 2 * GIB })],
  },
  {
    code: 'below_usage',
    level: 'warning',
    given: [
      { ...running({ usedBytes: 3 * GIB }), version: 252, hierarchy: 'legacy' },
      { belowUsage: true, limits: { max: '2G' } },
    ],
    shows: ['EBUSY'],
    nearMiss: [
      { units: [{ name: 'worker.service', isActive: false, usedBytes: 3 * GIB }] },
      { belowUsage: true },
    ],
  },
  {
    code: 'parent_lower',
    level: 'warning',
    given: [running({ parent: { maxBytes: GIB, path: '/sys/fs/cgroup/x.slice/memory.max' } })],
    shows: ['/sys/fs/cgroup/x.slice/memory.max', '1 GiB', 'MemoryMax=2 GiB'],
    nearMiss: [
      running({ parent: { maxBytes: 2 * GIB, path: '/sys/fs/cgroup/x.slice/memory.max' } }),
    ],
  },
  {
    code: 'swap_bypass',
    level: 'warning',
    given: [{ swapBytes: GIB }, { limits: { max: '2G' } }],
    shows: ['worker.service: ', '1 GiB of swap', 'MemoryMax=2 GiB', 'Set swapMax'],
    nearMiss: [{ swapBytes: GIB }, { limits: { max: '2G', swapMax: 'infinity' } }],
  },
  {
    code: 'high_stalls',
    level: 'warning',
    given: [{}, { limits: { max: '2G', high: '1G', swapMax: 0 } }],
    shows: ['worker.service: ', 'MemoryHigh=1 GiB', 'deadline'],
    nearMiss: [{ swapBytes: GIB }, { limits: { max: '2G', high: '1G', swapMax: 0 } }],
  },
  {
    code: 'restart_policy',
    level: 'warning',
    given: [dropIn('restart.conf', 'Restart=on-abort')],
    shows: ['worker.service: ', 'Restart=on-abort', 'restart.conf:2', '--restart'],
    nearMiss: [dropIn('restart.conf', 'Restart=onabort')],
  },
  {
    code: 'restart_policy',
    level: 'warning',
    given: [{ files: { [FRAGMENT]: '[Service]\nExecStart=/bin/true\n' } }],
    shows: ['Restart=no, the default,'],
    nearMiss: [{ files: { [FRAGMENT]: '[Service]\nExecStart=/bin/true\n' } }, { limits: {} }],
  },
  {
    code: 'oom_undetectable',
    level: 'info',
    given: [{}, { oomPolicy: 'continue' }],
    shows: ['OOMPolicy=continue', `${OWN}:5`, '--hook'],
    nearMiss: [{}, { oomPolicy: 'stop' }],
  },
  {
    code: 'oom_undetectable',
    level: 'info',
    given: [{ version: 252, hierarchy: 'legacy' }, { limits: { max: '2G' } }],
    shows: ['252', 'cgroup v1'],
    nearMiss: [{ version: 252, hierarchy: 'legacy' }, { limits: {} }],
  },
  {
    code: 'hook_twice',
    level: 'warning',
    given: [
      dropIn('zz.conf', 'ExecStopPost=-/usr/local/libexec/worker-recycler-death-record %n /old'),
      { hook: {} },
    ],
    shows: ['worker.service: ', 'zz.conf:2', 'Remove that line'],
    nearMiss: [dropIn('zz.conf', 'ExecStopPost=-/usr/local/libexec/other %n /old'), { hook: {} }],
  },
  {
    code: 'unit_not_found',
    level: 'warning',
    given: [{}, { target: 'wroker.service' }],
    shows: ['wroker.service', 'not there', 'Check the name'],
    nearMiss: [{}],
  },
  {
    code: 'unit_masked',
    level: 'warning',
    given: [{ files: { [FRAGMENT]: null } }],
    shows: ['worker.service', FRAGMENT, 'unmask'],
    nearMiss: [{ files: { [`${ETC}/other.service`]: null } }],
  },
  {
    code: 'unit_broken',
    level: 'warning',
    given: [{ files: { [FRAGMENT]: `${SERVICE}[Service\n` } }],
    shows: ['worker.service', FRAGMENT, 'systemd-analyze verify'],
    nearMiss: [{ files: { [FRAGMENT]: `${SERVICE}Service]\n` } }],
  },
  {
    code: 'live_replaced',
    level: 'info',
    given: [
      {
        files: {
          '/run/systemd/system.control/worker.service.d/50-MemoryMax.conf':
            '[Service]\nMemoryMax=9G\n',
        },
      },
    ],
    shows: ['worker.service: ', '50-MemoryMax.conf', 'set-property'],
    nearMiss: [
      {
        files: {
          '/run/systemd/system.control/worker.service.d/50-CPUWeight.conf':
            '[Service]\nCPUWeight=9\n',
        },
      },
    ],
  },
]

describe.each(cases)('$code ($level)', ({ code, level, given, shows, nearMiss }) => {
  it('is found, and says what is the matter and what to do', () => {
    const found = findingsOf(...given).find((each) => each.code === code && each.level === level)
    for (const text of shows) expect(found?.message).toContain(text)
    expect(found).toBeDefined()
  })

  it('is not found where it only looks like it', () => {
    expect(findingsOf(...nearMiss).map((each) => `${each.level} ${each.code}`)).not.toContain(
      `${level} ${code}`,
    )
  })
})
