import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { polkitRule } from '../../src/index.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { NODE, PROGRAMS, sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show, writeInside } from './kit/units.ts'

const { container, isThere, journal } = sharedContainer()
const MEBIBYTE = 2 ** 20
const AS_GAMES = ['runuser', '-u', 'games', '--']

describe('a user without rights', () => {
  let host: RemoteHost

  beforeAll(async () => {
    if (!isThere()) return
    await addUnits(container(), {
      'mine@.service': service('ExecStart=/bin/sleep infinity', 'User=games'),
      'theirs.service': service('ExecStart=/bin/sleep infinity'),
    })
    await container().run('systemctl', 'start', 'mine@1.service', 'theirs.service')
    host = await startHost(container(), {}, AS_GAMES)
  })
  afterAll(() => host?.stop())

  const asGames = (...args: readonly string[]) =>
    container().run(...AS_GAMES, 'systemctl', '--no-ask-password', ...args)
  const setProperty = (unit: string) => asGames('set-property', '--runtime', unit, 'MemoryMax=64M')

  it('reads and plans, and is told that it may not apply', async () => {
    const plan = await host.plan({ target: 'mine@.service', hardBytes: 300 * MEBIBYTE })
    expect(plan.effects.map(({ unit }) => unit)).toEqual(['mine@1.service'])
    expect(await host.status('mine@.service')).toMatchObject([{ running: true }])
    await expect(host.apply(plan)).rejects.toMatchObject({ code: 'NOT_PERMITTED' })
  })

  it('may raise the limits of its own units by the rule, and do nothing else', async () => {
    const REFUSED = /authentication required|Access denied/
    await expect(setProperty('mine@1.service')).rejects.toThrow(REFUSED)
    const rule = polkitRule({ user: 'games', units: ['mine@.service'] })
    writeInside(container(), '/etc/polkit-1/rules.d/50-worker.rules', rule)
    await container().run('systemctl', 'restart', 'polkit.service')
    await setProperty('mine@1.service')
    const shown = await show(container(), 'mine@1.service', 'MemoryMax')
    expect(shown['MemoryMax']).toBe(String(64 * MEBIBYTE))
    await expect(setProperty('theirs.service')).rejects.toThrow(REFUSED)
    for (const verb of ['restart', 'stop']) {
      await expect(asGames(verb, 'mine@1.service')).rejects.toThrow(REFUSED)
    }
  })
})

describe('the manager of a user', () => {
  let host: RemoteHost
  const UID = '4711'
  const HOME = '/home/worker'
  const RUNTIME = `/run/user/${UID}`
  const AS_WORKER = ['runuser', '-u', 'worker', '--', 'env', `HOME=${HOME}`]
  const INSIDE = [...AS_WORKER, `XDG_RUNTIME_DIR=${RUNTIME}`]
  const systemctl = (...args: readonly string[]) =>
    container().run(...INSIDE, 'systemctl', '--user', ...args)

  beforeAll(async () => {
    if (!isThere()) return
    await container().run('useradd', '--create-home', '--uid', UID, 'worker')
    await container().run('systemctl', 'start', `user@${UID}.service`)
    host = await startHost(container(), { scope: 'user', hierarchy: 'unified' }, INSIDE)
  })
  afterAll(() => host?.stop())

  it('takes limits from the files of its user', async () => {
    writeInside(
      container(),
      '/etc/systemd/user/own@.service',
      service('ExecStart=/bin/sleep infinity'),
    )
    await systemctl('daemon-reload')
    await systemctl('start', 'own@1.service')
    const plan = await host.plan({ target: 'own@.service', hardBytes: 300 * MEBIBYTE, stop: {} })
    const folder = `${HOME}/.config/systemd/user/own@.service.d`
    expect(plan.files.map(({ path }) => path).toSorted()).toEqual([
      `${folder}/45-recycler-limits.conf`,
      `${folder}/45-recycler-stop.conf`,
    ])
    const applied = await host.apply(plan)
    expect(applied.reloads).toBe(1)
    const shown = await systemctl('show', '-p', 'KillMode,MemoryMax', 'own@1.service')
    expect(shown).toBe(`MemoryMax=${300 * MEBIBYTE}\nKillMode=mixed\n`)
    expect((await host.takeBack(applied)).kept).toEqual([])
    expect(await systemctl('show', '-p', 'MemoryMax', 'own@1.service')).toBe('MemoryMax=infinity\n')
  })

  it('is whom a worker of that user tells what it does', async () => {
    const command = `${NODE} ${PROGRAMS.koffi}/service-worker.mjs`
    const lines = ['Type=notify', 'TimeoutStopSec=33s', `ExecStart=${command}`]
    writeInside(container(), '/etc/systemd/user/told.service', service(...lines))
    await systemctl('daemon-reload')
    await systemctl('start', 'told.service')
    const said = await journal().until(
      ({ _SYSTEMD_USER_UNIT, MESSAGE }) =>
        _SYSTEMD_USER_UNIT === 'told.service' && MESSAGE?.startsWith('{') === true,
    )
    expect(JSON.parse(said['MESSAGE'] ?? '')).toMatchObject({
      unit: 'told.service',
      stopBudget: { ms: 33_000 },
      lastExit: null,
    })
    const shown = await systemctl('show', '-p', 'ActiveState,StatusText', 'told.service')
    expect(shown).toMatch(/^ActiveState=active$/m)
    expect(shown).toMatch(/^StatusText=Takes jobs \(pid \d+\)$/m)
  })

  it('is said to be missing where $XDG_RUNTIME_DIR is', async () => {
    const lost = await startHost(container(), { scope: 'user' }, AS_WORKER)
    await expect(lost.status('own@.service')).rejects.toMatchObject({ code: 'NO_SUPERVISOR' })
    await lost.stop()
  })
})
