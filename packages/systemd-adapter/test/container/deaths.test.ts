import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readDeaths } from '../../src/death/spool.ts'
import { causeOf, type DeathRecord, deaths, type HookOptions } from '../../src/index.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show, writeInside } from './kit/units.ts'

const { container, isThere, journal } = sharedContainer()
let host: RemoteHost

beforeAll(async () => {
  if (!isThere()) return
  host = await startHost(container())
})
afterAll(() => host?.stop())

/** More than a shell needs, and less than this host uses. */
const MOST_BYTES = 64 * 2 ** 20
const SPOOL = '/run/worker-recycler/deaths'
const spool = () => join(container().root, SPOOL)

/** Adds a unit of these lines, with a hook. */
async function add(name: string, lines: readonly string[], hook: HookOptions = {}): Promise<void> {
  await addUnits(container(), { [name]: service(...lines) })
  await host.apply(await host.plan({ target: name, hook }))
}

/** Resolves with the first record that is written. */
async function firstDeath(unit: string): Promise<DeathRecord> {
  const enough = new AbortController()
  for await (const record of deaths(unit, { signal: enough.signal, spool: spool() })) return record
  throw new Error(`no record of ${unit}`)
}

interface Ending {
  readonly title: string
  /** Its own lines; without any it sleeps. */
  readonly lines?: readonly string[]
  /** Done when it runs. */
  readonly afterwards?: readonly string[]
  readonly result: string
  readonly exitCode: string
  readonly exitStatus: string
  readonly cause: string
}

const shell = (script: string) => ['ExecStart=', `ExecStart=/bin/sh -c "${script}"`]

const ENDINGS: Readonly<Record<string, Ending>> = {
  'end@kill.service': {
    title: 'SIGKILL',
    afterwards: ['systemctl', 'kill', '--signal=KILL'],
    result: 'signal',
    exitCode: 'killed',
    exitStatus: 'KILL',
    cause: 'signal',
  },
  'end@one.service': {
    title: 'exit 1',
    lines: shell('exit 1'),
    result: 'exit-code',
    exitCode: 'exited',
    exitStatus: '1',
    cause: 'crash',
  },
  'end@recycle.service': {
    title: 'exit 75, a recycle',
    lines: [...shell('exit 75'), 'SuccessExitStatus=75'],
    result: 'success',
    exitCode: 'exited',
    exitStatus: '75',
    cause: 'recycle',
  },
  'end@zero.service': {
    title: 'exit 0',
    lines: shell('exit 0'),
    result: 'success',
    exitCode: 'exited',
    exitStatus: '0',
    cause: 'stop',
  },
  'end@stop.service': {
    title: 'a stop',
    afterwards: ['systemctl', 'stop'],
    result: 'success',
    exitCode: 'killed',
    exitStatus: 'TERM',
    cause: 'signal',
  },
  'end@slow.service': {
    title: 'a stop that takes too long',
    lines: [
      ...shell('trap : TERM; echo is deaf; while :; do sleep 1; done'),
      'TimeoutStopSec=300ms',
      'KillMode=mixed',
    ],
    afterwards: ['systemctl', 'stop'],
    result: 'timeout',
    exitCode: 'killed',
    exitStatus: 'KILL',
    cause: 'signal',
  },
  'end@watchdog.service': {
    title: 'the watchdog',
    lines: ['WatchdogSec=300ms', 'LimitCORE=0'],
    result: 'watchdog',
    exitCode: 'killed',
    exitStatus: 'ABRT',
    cause: 'signal',
  },
  'end@start.service': {
    title: 'a start that takes too long',
    lines: ['Type=notify', 'TimeoutStartSec=300ms'],
    result: 'timeout',
    exitCode: 'killed',
    exitStatus: 'TERM',
    cause: 'signal',
  },
}

describe('the hook', () => {
  beforeAll(async () => {
    if (!isThere()) return
    const own = Object.entries(ENDINGS).map(
      ([unit, { lines = [] }]) => [`${unit}.d/own.conf`, service(...lines)] as const,
    )
    const template = service('ExecStart=/bin/sleep infinity')
    await addUnits(container(), { 'end@.service': template, ...Object.fromEntries(own) })
    await host.apply(await host.plan({ target: 'end@.service', hook: {} }))
  })

  it.each(Object.entries(ENDINGS).map(([unit, ending]) => ({ unit, ...ending })))(
    'writes one record after $title',
    async ({ unit, title: _title, lines = [], afterwards, cause, ...expected }) => {
      await container().run('systemctl', 'start', '--no-block', unit)
      const started = await journal().untilMessage(unit, /^Start(ed|ing) /)
      if (lines.some((line) => line.includes('is deaf'))) {
        await journal().untilMessage(unit, /^is deaf$/)
      }
      if (afterwards) await container().run(...afterwards, unit)
      const record = await firstDeath(unit)
      expect(record).toMatchObject({ ...expected, unit, invocation: started['INVOCATION_ID'] })
      // Never of all processes, as where nothing accounts for the unit's own memory.
      expect(record.memoryPeakBytes ?? 0).toBeLessThan(MOST_BYTES)
      expect(causeOf(record)).toBe(cause)
      expect(readdirSync(join(spool(), unit))).toEqual([record.invocation])
    },
  )

  it('writes a record of each of many deaths, and they come in their order, each once', async () => {
    const unit = 'often@1.service'
    await add('often@.service', [
      'ExecStart=/bin/sh -c "kill -KILL $$$$"',
      'Restart=on-failure',
      'RestartSec=10ms',
    ])
    await addUnits(container(), {
      'often@.service.d/limit.conf': '[Unit]\nStartLimitBurst=12\nStartLimitIntervalSec=1h\n',
    })
    const stop = new AbortController()
    const heard: DeathRecord[] = []
    const listening = (async () => {
      for await (const record of deaths(unit, { signal: stop.signal, spool: spool() })) {
        heard.push(record)
        if (heard.length === 12) stop.abort()
      }
    })()
    await container().run('systemctl', 'start', unit)
    await listening
    await journal().untilMessage(unit, /Start request repeated too quickly/)
    const starts = journal().entries.filter(
      ({ UNIT, MESSAGE }) => UNIT === unit && MESSAGE?.startsWith('Started '),
    )
    expect(heard.map(({ invocation }) => invocation)).toEqual(
      starts.map(({ INVOCATION_ID }) => INVOCATION_ID),
    )
    expect(new Set(heard.map(({ exitStatus }) => exitStatus))).toEqual(new Set(['KILL']))
  })

  it('runs twice where two files name it, and there is one record all the same', async () => {
    const unit = 'twice.service'
    await add(unit, ['ExecStart=/bin/sh -c "exit 3"'])
    const again = `ExecStopPost=-+/usr/local/libexec/worker-recycler-death-record %n ${SPOOL}`
    await addUnits(container(), { [`${unit}.d/99-again.conf`]: service(again) })
    const plan = await host.plan({ target: unit, hook: {} })
    expect(plan.findings.map(({ code }) => code)).toContain('hook_twice')
    await container().run('systemctl', 'start', unit)
    await journal().untilMessage(unit, /Failed with result 'exit-code'/)
    expect(await readDeaths(unit, spool())).toMatchObject([{ exitStatus: '3' }])
  })

  it('keeps the newest 32 records of more than 64', async () => {
    const unit = 'pruned.service'
    const folder = join(spool(), unit)
    mkdirSync(folder, { recursive: true })
    for (let at = 0; at < 70; at += 1) {
      const name = at.toString(16).padStart(32, '0')
      writeFileSync(join(folder, name), `unit=${unit}\ninvocation=${name}\nexitStatus=0\n`)
      utimesSync(join(folder, name), at, at)
    }
    await add(unit, ['ExecStart=/bin/true'])
    await container().run('systemctl', 'start', '--wait', unit)
    const left = await readDeaths(unit, spool())
    expect(left).toHaveLength(33)
    expect(left.map(({ atEpochMs }) => atEpochMs / 1000).slice(0, 2)).toEqual([38, 39])
    expect(left.at(-1)).toMatchObject({ result: 'success', exitStatus: '0' })
  })

  it('holds up nothing and fails nothing where its program is gone', async () => {
    const unit = 'no-hook.service'
    await add(unit, ['ExecStart=/bin/true'], { path: '/usr/local/libexec/absent' })
    await container().run('rm', '/usr/local/libexec/absent')
    await container().run('systemctl', 'start', '--wait', unit)
    await journal().untilMessage(unit, /Deactivated successfully/)
  })
})

describe('the command that recovers', () => {
  const RECOVER = '/usr/local/libexec/recover'
  const OUTPUT = '/run/recovered'

  beforeAll(async () => {
    if (!isThere()) return
    mkdirSync(join(container().root, OUTPUT))
    chmodSync(join(container().root, OUTPUT), 0o777)
    const script = `#!/bin/sh
{ id -un; echo "$1|$2|$SECRET|$SERVICE_RESULT|$EXIT_STATUS|$INVOCATION_ID"; ls ${SPOOL}/"$UNIT"; } >${OUTPUT}/"$UNIT"
case $2 in hang) trap : TERM; echo hangs; while :; do sleep 1; done ;; fail) exit 9 ;; esac
`
    writeInside(container(), RECOVER, script, 0o755)
    writeInside(container(), '/etc/secret.env', 'SECRET=of the unit\n', 0o600)
  })

  const linesOf = (unit: string) => [
    `ExecStart=/bin/sh -c "exit 75"`,
    'SuccessExitStatus=75',
    'RestartForceExitStatus=75',
    'User=games',
    `Environment=UNIT=${unit}`,
    'EnvironmentFile=/etc/secret.env',
  ]

  it('runs as the unit’s user, with its environment, when the record is there', async () => {
    const unit = 'recovers.service'
    const argument = 'a "b" $HOME %n \\x41'
    await add(unit, linesOf(unit), { recover: [RECOVER, argument, ''] })
    await addUnits(container(), {
      [`${unit}.d/no-restart.conf`]: service('RestartForceExitStatus='),
    })
    await container().run('systemctl', 'start', '--wait', unit)
    const record = await firstDeath(unit)
    const output = await container().run('cat', `${OUTPUT}/${unit}`)
    expect(output.split('\n')).toEqual([
      'games',
      `${argument}||of the unit|success|75|${record.invocation}`,
      record.invocation,
      '',
    ])
  })

  it.each([
    ['hangs', 'hang'],
    ['fails', 'fail'],
  ])('is left alone when it %s, and the next worker starts', async (title, what) => {
    const unit = `recover-${title}.service`
    const script = `mkdir /tmp/${what} && exit 75; exec sleep infinity`
    const lines = [`ExecStart=/bin/sh -c "${script}"`, ...linesOf(unit).slice(1)]
    await add(unit, lines, { recover: [RECOVER, 'x', what], recoverMs: 1000 })
    await container().run('systemctl', 'start', unit)
    await journal().untilMessage(unit, /^Started /, 2)
    expect(await show(container(), unit, 'ActiveState', 'NRestarts', 'Result')).toEqual({
      ActiveState: 'active',
      NRestarts: '1',
      Result: 'success',
    })
    expect(existsSync(join(container().root, OUTPUT, unit))).toBe(true)
    const { ControlGroup = '' } = await show(container(), unit, 'ControlGroup')
    const inside = await container().run('systemd-cgls', '--no-pager', ControlGroup)
    expect(inside).not.toContain(RECOVER)
  })
})
