import { describe, expect, it } from 'vitest'
import { readArguments } from '../../src/cli/arguments.ts'
import { commandHelp } from '../../src/cli/help-commands.ts'
import { helpOf } from '../../src/cli/help.ts'
import { hostOptionsOf } from '../../src/cli/host-options.ts'
import { requestOf } from '../../src/cli/request-options.ts'
import { revertLine } from '../../src/cli/revert-line.ts'
import { unitArgument } from '../../src/cli/unit-argument.ts'
import { command } from './command.ts'
import { image } from './image.ts'

const { run } = command()
const NAMES = Object.keys(commandHelp) as (keyof typeof commandHelp)[]

/** What the command line comes to, without a process. */
function read(argv: readonly string[]) {
  const line = readArguments(argv)
  if (line.kind === 'mistake') throw new Error(line.message)
  if (line.kind !== 'run') throw new Error(line.kind)
  const { operands, values } = line
  hostOptionsOf(values)
  return requestOf(unitArgument(operands[0]), values)
}

describe('the command', () => {
  it('explains itself, with what it spares', async () => {
    const { code, out, errors } = await run(['--help'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toMatch(/^Usage: worker-recycler-systemd COMMAND/)
    for (const name of NAMES) expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    expect(out).toContain('What takes five steps by hand takes one here:')
  })

  it.each(NAMES)('explains %s with examples', (name) => {
    const text = helpOf(name)
    expect(text).toMatch(new RegExp(`^Usage: worker-recycler-systemd ${name} `))
    expect(text).toContain(`Examples:\n  worker-recycler-systemd ${name}`)
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(105)
  })

  it('prints the help of one command, and its version', async () => {
    const help = await run(['apply', '-h'])
    expect(help).toEqual({ code: 0, out: helpOf('apply'), errors: '' })
    const { code, out } = await run(['-v'])
    expect(code).toBe(0)
    expect(out).toMatch(/^\d+\.\d+\.\d/)
  })

  it.each([
    [[], 'No command was given'],
    [
      ['plan', 'worker', '--max', '2GB'],
      '--max: MemoryMax=2GB: systemd would ignore it and run UNL',
    ],
    [['apply', 'worker', '--max', '1G', '--restart'], '--restart belongs to --yes'],
    [['status', '--interval', '1s'], '--interval belongs to --watch'],
    [['status', '--watch', '--interval', '1'], '--interval takes a time such as 150ms, 90s or 2m'],
    [['polkit-rule', 'worker'], '`polkit-rule` takes --user NAME'],
    [
      ['polkit-rule', '--user', 'a b', 'worker'],
      '--user: Expected `user` to be the name of a user',
    ],
  ])('%j ends with 2 and one sentence: %s', async (args, sentence) => {
    const { code, out, errors } = await run(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors.startsWith(`worker-recycler-systemd: ${sentence}`), errors).toBe(true)
    expect(errors).toMatch(/; see worker-recycler-systemd ([\w-]+ )?--help\n$/)
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
  })

  it.each([
    [
      ['--pressure-threshold', '3s'],
      '--pressure-threshold: Expected `pressure.thresholdMs` to be a',
    ],
    [['--hook', '--hook-path', 'x'], '--hook-path: Expected `hook.path` to be an absolute path'],
    [
      ['--recover-command', String.raw`["/x","a\nb"]`],
      '--recover-command: Expected an argument wi',
    ],
  ])('%j, which only the host refuses, is a mistake, too: %s', async (more, sentence) => {
    const { code, out, errors } = await run(['plan', 'worker@', ...more, ...image().options])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors.startsWith(`worker-recycler-systemd: ${sentence}`), errors).toBe(true)
  })
})

it.each([
  [['plna'], '"plna" is no command'],
  [['--maxx'], "Unknown option '--maxx'"],
  [['plan'], '`plan` takes the name of a unit'],
  [['plan', 'a', 'b'], '`plan` takes one unit, not 2'],
  [['polkit-rule', '--user', 'worker'], '`polkit-rule` takes the name of a unit'],
  [['plan', 'worker'], 'Nothing is asked for: give --max or another limit'],
  [['plan', 'worker', '--yes'], '`plan` has no option --yes'],
  [['status', '--max', '1G'], '`status` has no option --max'],
  [['plan', 'worker', '--user=x'], "Option '--user' does not take an argument"],
  [['plan', 'worker', '--max'], "Option '--max <value>' argument missing"],
  [['plan', 'worker', '--max', '0'], '--max: MemoryMax=0: systemd would ignore it'],
  [['plan', 'worker', '--max', ''], '--max: MemoryMax is empty'],
  [['plan', 'worker', '--high', '2g'], '--high: MemoryHigh=2g: systemd would ignore it'],
  [['plan', 'worker', '--low=-1'], '--low: MemoryLow=-1: systemd would ignore it'],
  [['plan', 'worker', '--swap-max', 'x'], '--swap-max: MemorySwapMax=x: systemd would ignore it'],
  [['plan', 'a/b', '--max', '2G'], 'UNIT: Expected the name of a service'],
  [['plan', 'a.slice', '--max', '2G'], 'UNIT: Expected the name of a service'],
  [['plan', 'worker', '--instance', '1=4G'], '--instance belongs to a template such as worker@.s'],
  [['plan', 'worker@', '--instance', '=4G'], '--instance takes NAME=SIZE, such as worker-1=4G'],
  [['plan', 'worker@', '--instance', 'a/b=4G'], '--instance a/b=4G: Expected the name of a serv'],
  [['plan', 'worker@', '--instance', '1=4GB'], '--instance 1=4GB: MemoryMax=4GB: systemd would'],
  [['plan', 'worker@', '--instance', '1:high=4Gi'], '--instance 1:high=4Gi: MemoryHigh=4Gi: sys'],
  [['plan', 'worker@', '--instance', '1'], 'Nothing is asked for: give --max or another limit'],
  [['plan', 'worker', '--max', '1G', '--oom-policy', 'x'], '--oom-policy takes kill, stop, cont'],
  [['plan', 'worker', '--restart-policy', 'no'], '--restart-policy takes on-failure, always, on-'],
  [['plan', 'worker', '--stop-timeout', '90'], '--stop-timeout takes a time such as 150ms, 90s'],
  [['plan', 'worker', '--hook-path', '/x', '--max', '1G'], '--hook-path belongs to --hook'],
  [['plan', 'worker', '--spool', '/x', '--max', '1G'], '--spool belongs to --hook'],
  [['plan', 'worker', '--recover-command', 'x recover'], '--recover-command takes a program and'],
  [['plan', 'worker', '--recover-command', '["x"]'], '--recover-command takes a program and its'],
  [['plan', 'worker', '--recover-command', '["/x",1]'], '--recover-command takes a program and'],
  [['plan', 'worker', '--recover-command', '[]'], '--recover-command takes a program and its'],
  [['plan', 'worker', '--max', '1G', '--order', '9'], '--order takes two digits, such as 95'],
  [['plan', 'worker', '--max', '1G', '--systemd-version', '252'], '--systemd-version belongs to'],
  [['plan', 'worker', '--max', '1G', '--cgroup', 'v1'], '--cgroup belongs to --root'],
  [['plan', 'worker', '--root', '/tmp'], '--root needs --systemd-version'],
  [['plan', 'worker', '--root', '/', '--systemd-version', '257'], '--root takes the root of an im'],
  [['plan', 'worker', '--root', '/nowhere/at/all'], '--root: "/nowhere/at/all" is no directory'],
  [
    ['plan', 'worker', '--root', '/tmp', '--systemd-version', 'new'],
    '--systemd-version takes a ve',
  ],
  [
    ['plan', 'worker', '--root', '/tmp', '--systemd-version', '99'],
    '--systemd-version takes a ver',
  ],
  [['plan', 'worker', '--root', '/tmp', '--cgroup', '2'], '--cgroup takes v1 or v2, not "2"'],
  [['plan', 'worker', '--root', '/tmp', '--user'], '--user and --root exclude each other'],
  [['plan', 'worker', '--root', '/tmp', '--runtime'], '--runtime and --root exclude each other'],
])('%j is a mistake: %s', (argv, sentence) => {
  expect(() => read(argv)).toThrow(sentence)
})

it.each([
  [['worker', '--max', '2G'], { target: 'worker.service', limits: { max: '2G' } }],
  [['worker@1.service', '--notify'], { target: 'worker@1.service', notify: true }],
  [['w', '--recycle'], { target: 'w.service', restart: {}, stop: {} }],
  [['w', '--pressure', '--hook'], { target: 'w.service', pressure: {}, hook: {} }],
  [
    ['w@', '--instance', 'a:b:min=1G', '--instance', 'c:d=infinity', '--instance', 'e'],
    {
      target: 'w@.service',
      overrides: { 'a:b': { min: '1G' }, 'c:d': { max: 'infinity' } },
      instances: ['e'],
    },
  ],
])('%j asks for %j', (argv, request) => {
  expect(read(['plan', ...argv])).toEqual(request)
})

describe('polkit-rule', () => {
  it('prints the rule, and where it goes', async () => {
    const { code, out, errors } = await run(['polkit-rule', '--user', 'jobs', 'worker@', 'mailer'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toMatch(/^\/\/ \/etc\/polkit-1\/rules\.d\/50-worker-recycler-jobs\.rules, of root/)
    expect(out).toContain('if (subject.user !== "jobs") return\n')
    expect(out).toContain(String.raw`|mailer\.service)$/.test(action.lookup('unit'))`)
  })
})

it('the command that reverts names the same place', () => {
  const values = { root: "/my image's", 'systemd-version': '257', max: '2G', yes: true }
  expect(revertLine('worker@.service', values)).toBe(
    String.raw`worker-recycler-systemd revert worker@.service --root '/my image'\''s' --systemd-version 257 --yes`,
  )
  expect(revertLine('w.service', { user: true, receipt: '/r' })).toBe(
    'worker-recycler-systemd revert w.service --user --receipt /r --yes',
  )
})
