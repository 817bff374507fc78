import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Behaviour, Told } from '../fixtures/service-worker.ts'
import { isAbout } from './kit/journal.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { NODE, PROGRAMS, sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show } from './kit/units.ts'

const { container, isThere, journal } = sharedContainer()
let host: RemoteHost

beforeAll(async () => {
  if (!isThere()) return
  host = await startHost(container())
  await addUnits(container(), UNITS)
})
afterAll(() => host?.stop())

/** A worker of an unprivileged user, that finds koffi or not. */
function worker(
  program: keyof typeof PROGRAMS,
  lines: readonly string[],
  behaviour: Behaviour = {},
): string {
  const command = `${NODE} ${PROGRAMS[program]}/service-worker.mjs '${JSON.stringify(behaviour)}'`
  return service(`ExecStart=${command}`, 'User=games', ...lines)
}

const UNITS = {
  'told.service': worker('koffi', ['Type=notify', 'TimeoutStopSec=42s 500ms'], {
    stopMs: 30_000,
  }),
  '_odd.service': worker('koffi', ['Type=notify']),
  'life@.service': worker('koffi', ['Type=notify', 'StateDirectory=life', 'TimeoutStopSec=20s']),
  'extends.service': worker('koffi', ['Type=notify', 'TimeoutStopSec=8s'], {
    stopMs: 10_000,
    extendMs: 20_000,
  }),
  'overruns.service': worker('koffi', ['Type=notify', 'TimeoutStopSec=3s'], { stopMs: 60_000 }),
  'watched.service': worker('koffi', ['Type=notify', 'WatchdogSec=3s', 'LimitCORE=0']),
  'spawns.service': worker('plain', ['Type=notify', 'NotifyAccess=all'], { stopMs: 30_000 }),
  'refused.service': worker('plain', ['Type=exec', 'NotifyAccess=main']),
  'mute.service': worker('plain', ['Type=exec']),
}

/** What the nth process of a unit said of itself. */
async function told(unit: string, nth = 1): Promise<Told> {
  const { MESSAGE = '' } = await journal().untilMessage(unit, /^\{/, nth)
  return JSON.parse(MESSAGE) as Told
}

const start = (unit: string) => container().run('systemctl', 'start', unit)
const stop = (unit: string) => container().run('systemctl', 'stop', unit)
const signal = (unit: string, name: string) =>
  container().run('systemctl', 'kill', '--kill-whom=main', `--signal=${name}`, unit)

/** Stops a worker that takes its time, looks, and lets it go. */
async function expectLeaving(unit: string): Promise<void> {
  await container().run('systemctl', 'stop', '--no-block', unit)
  await journal().untilMessage(unit, /^Told systemd that it leaves/)
  expect(await show(container(), unit, 'StatusText', 'ActiveState')).toEqual({
    StatusText: 'Leaves (stop) within 30 s: the test asked for a stop',
    ActiveState: 'deactivating',
  })
  await signal(unit, 'KILL')
}

describe('a worker with koffi, as a service of Type=notify', () => {
  it('knows who it is, its stop budget, and that it has no predecessor', async () => {
    await start('told.service')
    const shown = await show(container(), 'told.service', 'InvocationID')
    expect(await told('told.service')).toEqual({
      unit: 'told.service',
      invocation: shown['InvocationID'],
      stopBudget: { ms: 42_500, from: 'TimeoutStopSec of told.service' },
      limits: { from: 'the cgroup of told.service' },
      lastExit: null,
    })
  })

  it('is started when it says so, and tells what it does', async () => {
    const shown = await show(container(), 'told.service', 'ActiveState', 'MainPID', 'StatusText')
    expect(shown['ActiveState']).toBe('active')
    expect(shown['StatusText']).toBe(`Takes jobs (pid ${shown['MainPID']})`)
    const ready = await journal().untilMessage('told.service', /^Ready: systemd was told/)
    expect(ready['MESSAGE']).toContain('via=koffi')
  })

  it('logs with priorities, each entry on one line', async () => {
    const entries = journal().entries.filter(
      (entry) => isAbout(entry, 'told.service') && entry['MESSAGE']?.startsWith('A line'),
    )
    expect(entries.map(({ PRIORITY, MESSAGE }) => [PRIORITY, MESSAGE])).toEqual([
      ['7', 'A line to debug'],
      ['4', 'A line to warn: unit=told.service'],
      ['3', 'A line about an error: error=of two lines'],
    ])
  })

  it('says that it stops, and why', async () => {
    await expectLeaving('told.service')
  })

  it('knows its name though the cgroup has another', async () => {
    await start('_odd.service')
    const { ControlGroup } = await show(container(), '_odd.service', 'ControlGroup')
    expect(ControlGroup).toContain('/__odd.service')
    expect(await told('_odd.service')).toMatchObject({ unit: '_odd.service' })
    await stop('_odd.service')
  })
})

describe('the successor of a worker', () => {
  const unit = 'life@1.service'

  let recycled: unknown

  it('knows of a recycle, and has its ledger', async () => {
    const request = { target: 'life@.service', hook: {}, restart: { delayMs: 50 } }
    await host.apply(await host.plan(request))
    await start(unit)
    const first = await told(unit)
    await signal(unit, 'USR1')
    const { lastExit, invocation } = await told(unit, 2)
    const identity = `here:1:${first.invocation}`
    expect(invocation).not.toBe(first.invocation)
    expect(lastExit).toMatchObject({
      cause: 'recycle',
      exitCode: 75,
      identity,
      ledger: { identity },
    })
    recycled = invocation
  })

  it('knows of a kill, and has no ledger of an older one', async () => {
    await signal(unit, 'KILL')
    const { lastExit } = await told(unit, 3)
    expect(lastExit).toEqual({
      cause: 'signal',
      exitSignal: 'SIGKILL',
      invocation: recycled,
      atEpochMs: expect.any(Number) as number,
    })
  })
})

describe('a worker that is asked to stop', () => {
  it('has the time that it asks for, and TimeoutStopSec where it asks for none', async () => {
    const units = ['extends.service', 'overruns.service']
    await Promise.all(units.map(start))
    await Promise.all(units.map(stop))
    await journal().untilMessage('extends.service', /Deactivated successfully/)
    expect((await show(container(), 'overruns.service', 'Result'))['Result']).toBe('timeout')
  })
})

describe('the watchdog', () => {
  it('hears of a worker whose event loop turns', async () => {
    await start('watched.service')
    const beats = new Set<string | undefined>()
    while (beats.size < 4) {
      const shown = await show(container(), 'watched.service', 'WatchdogTimestampMonotonic')
      beats.add(shown['WatchdogTimestampMonotonic'])
    }
    expect(await show(container(), 'watched.service', 'NRestarts', 'Result')).toEqual({
      NRestarts: '0',
      Result: 'success',
    })
  })

  it('ends one whose event loop is blocked', async () => {
    await signal('watched.service', 'USR2')
    await journal().untilMessage('watched.service', /Failed with result 'watchdog'/)
    expect((await show(container(), 'watched.service', 'Result'))['Result']).toBe('watchdog')
  })
})

describe('a worker without koffi', () => {
  it('speaks through systemd-notify where every process of the unit may', async () => {
    await start('spawns.service')
    const shown = await show(container(), 'spawns.service', 'ActiveState', 'MainPID', 'StatusText')
    expect(shown['StatusText']).toBe(`Takes jobs (pid ${shown['MainPID']})`)
    const ready = await journal().untilMessage('spawns.service', /^Ready: systemd was told/)
    expect(ready['MESSAGE']).toContain('via=systemd-notify')
    await expectLeaving('spawns.service')
  })

  it('warns where systemd refused what systemd-notify said, though that saw no failure', async () => {
    await start('refused.service')
    const warning = await journal().untilMessage('refused.service', /refused the notification/)
    expect(warning).toMatchObject({ PRIORITY: '4' })
    await journal().untilMessage('refused.service', /reception only permitted for main PID/)
    const shown = await show(container(), 'refused.service', 'StatusText', 'ActiveState')
    expect(shown).toEqual({ StatusText: '', ActiveState: 'active' })
    await stop('refused.service')
  })

  it('says why it tells systemd nothing where there is no socket', async () => {
    await start('mute.service')
    const ready = await journal().untilMessage('mute.service', /^Ready: systemd was not told/)
    expect(ready['MESSAGE']).toMatch(/via=none, reason=\$NOTIFY_SOCKET is not set/)
    await stop('mute.service')
  })
})
