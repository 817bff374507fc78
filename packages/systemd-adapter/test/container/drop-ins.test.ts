import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemdRequest } from '../../src/index.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show, treeOf, writeInside } from './kit/units.ts'

const { container, isThere, journal } = sharedContainer()
let host: RemoteHost

beforeAll(async () => {
  // The controllers are of v1 in here or not, as on the host; the words of v2 are all understood.
  if (isThere()) host = await startHost(container(), { hierarchy: 'unified' })
})
afterAll(() => host?.stop())

const MEBIBYTE = 2 ** 20
const ETC = '/etc/systemd/system'

/** How often the manager has read its files again. */
async function countReloads(): Promise<number> {
  await container().run('journalctl', '--sync')
  const text = await container().run('journalctl', '--quiet', '--output=cat', '_PID=1')
  return text.split('\n').filter((line) => line === 'Reloading.').length
}

const codesOf = (findings: readonly { readonly code: string }[]) => findings.map(({ code }) => code)

describe('a plan that is applied', () => {
  const request: SystemdRequest = {
    target: 'full.service',
    hardBytes: 512 * MEBIBYTE,
    softBytes: 400 * MEBIBYTE,
    limits: { swapMax: 0, low: '16M' },
    restart: { delayMs: 1500 },
    stop: { timeoutMs: 45_500 },
    hook: { recover: ['/bin/echo', 'a $b %n', '"c"'] },
  }

  it('is what systemd has read, after one reload', async () => {
    await addUnits(container(), { 'full.service': service('ExecStart=/bin/sleep infinity') })
    const before = await countReloads()
    const plan = await host.plan(request)
    expect(plan.findings.filter(({ level }) => level === 'error')).toEqual([])
    const applied = await host.apply(plan)
    expect(applied.reloads).toBe(1)
    expect(await countReloads()).toBe(before + 1)

    const drop = (concern: string) => `${ETC}/full.service.d/45-recycler-${concern}.conf`
    expect(await show(container(), 'full.service', ...READ.split(' '))).toEqual({
      MemoryMax: String(512 * MEBIBYTE),
      MemoryHigh: String(400 * MEBIBYTE),
      MemoryLow: String(16 * MEBIBYTE),
      MemorySwapMax: '0',
      OOMPolicy: 'kill',
      Restart: 'on-failure',
      RestartUSec: '1.500000s',
      SuccessExitStatus: '75',
      RestartForceExitStatus: '75',
      StartLimitIntervalUSec: '10min',
      StartLimitBurst: '10',
      TimeoutStopUSec: '45.500000s',
      KillMode: 'mixed',
      DropInPaths: ['hook', 'limits', 'restart', 'stop'].map(drop).join(' '),
      NeedDaemonReload: 'no',
    })
    const hooks = await show(container(), 'full.service', 'ExecStopPost')
    expect(hooks['ExecStopPost']).toContain(
      'argv[]=/usr/bin/timeout --kill-after=2 10 /bin/echo a $$b %n "c" ;',
    )
    expect(await container().run('systemd-analyze', 'verify', 'full.service')).toBe('')
  })

  const READ =
    'MemoryMax MemoryHigh MemoryLow MemorySwapMax OOMPolicy Restart RestartUSec SuccessExitStatus RestartForceExitStatus StartLimitIntervalUSec StartLimitBurst TimeoutStopUSec KillMode DropInPaths NeedDaemonReload'

  it('changes nothing and reloads nothing when it is applied again', async () => {
    const before = [treeOf(container(), '/etc'), await countReloads()]
    const plan = await host.plan(request)
    expect(plan.commands).toEqual([])
    const applied = await host.apply(plan)
    expect(applied.reloads).toBe(0)
    expect([treeOf(container(), '/etc'), await countReloads()]).toEqual(before)
    expect(await host.verify(applied)).toEqual([])
  })
})

describe('a plan that is taken back', () => {
  it('leaves /etc, /run/systemd/system and /usr/local as they were, byte for byte', async () => {
    await addUnits(container(), {
      'back@.service': service('ExecStart=/bin/sleep infinity'),
      'back@.service.d/10-vendor.conf': service('Nice=5'),
    })
    const places = ['/etc', '/run/systemd/system', '/usr/local']
    const trees = () => places.map((path) => treeOf(container(), path))
    const before = trees()
    const hook = { path: '/usr/local/libexec/mine/record' }
    const overrides = { big: { max: '2G' } }
    const request = { target: 'back@.service', hardBytes: 300 * MEBIBYTE, hook, overrides }
    const applied = await host.apply(await host.plan(request))
    expect(trees()).not.toEqual(before)
    const reverted = await host.takeBack(applied)
    expect(reverted.kept).toEqual([])
    expect(reverted.restored.toSorted()).toEqual(
      applied.plan.files.map(({ path }) => path).toSorted(),
    )
    expect(trees()).toEqual(before)
    const shown = await show(
      container(),
      'back@big.service',
      'MemoryMax',
      'NeedDaemonReload',
      'Nice',
    )
    expect(shown).toEqual({ MemoryMax: 'infinity', NeedDaemonReload: 'no', Nice: '5' })
  })

  it('keeps a file that somebody has changed since, and all that others have written', async () => {
    await addUnits(container(), { 'kept.service': service('ExecStart=/bin/sleep infinity') })
    const request = { target: 'kept.service', hardBytes: 300 * MEBIBYTE, stop: {} }
    const applied = await host.apply(await host.plan(request))
    const edited = `${ETC}/kept.service.d/45-recycler-limits.conf`
    writeInside(container(), edited, service('MemoryMax=310M'))
    writeInside(container(), `${ETC}/kept.service.d/override.conf`, service('Nice=6'))
    const reverted = await host.takeBack(applied)
    expect(reverted.kept).toEqual([edited])
    const shown = await show(container(), 'kept.service', 'MemoryMax', 'Nice', 'KillMode')
    expect(shown).toEqual({
      MemoryMax: String(310 * MEBIBYTE),
      Nice: '6',
      KillMode: 'control-group',
    })
    const again = await host.plan(request)
    expect(codesOf(again.findings.filter(({ level }) => level === 'error'))).toEqual([
      'foreign_edit',
    ])
    await expect(host.apply(again)).rejects.toMatchObject({ code: 'PLAN_REFUSED' })
  })
})

describe('a template', () => {
  it('has the instances that are loaded, each with its own limits', async () => {
    await addUnits(container(), { 'pool@.service': service('ExecStart=/bin/sleep infinity') })
    await container().run('systemctl', 'start', 'pool@a.service', 'pool@b-hosts\\x2dq.service')
    const plan = await host.plan({
      target: 'pool@.service',
      hardBytes: 300 * MEBIBYTE,
      overrides: { 'b-hosts\\x2dq': { max: '1G' }, later: { max: 'infinity' } },
    })
    const names = ['pool@a.service', 'pool@b-hosts\\x2dq.service', 'pool@later.service']
    expect(plan.effects.map(({ unit }) => unit)).toEqual(names)
    await host.apply(plan)
    const shown = await Promise.all(names.map((name) => show(container(), name, 'MemoryMax')))
    expect(shown.map(({ MemoryMax }) => MemoryMax)).toEqual([
      String(300 * MEBIBYTE),
      String(1024 * MEBIBYTE),
      'infinity',
    ])
    const status = await host.status('pool@.service')
    expect(status.map(({ target, running, state }) => [target, running, state])).toEqual([
      ['pool@a.service', true, 'active'],
      ['pool@b-hosts\\x2dq.service', true, 'active'],
      ['pool@later.service', false, 'inactive'],
    ])
    const { MainPID } = await show(container(), 'pool@a.service', 'MainPID')
    expect(status[0]).toMatchObject({ pid: Number(MainPID), restarts: 0, result: 'success' })
  })
})

describe('values of systemctl set-property', () => {
  it('are taken away where they were for the time being, and would defeat a change', async () => {
    await addUnits(container(), { 'live.service': service('ExecStart=/bin/sleep infinity') })
    const request = { target: 'live.service', hardBytes: 300 * MEBIBYTE }
    await host.apply(await host.plan(request))
    await container().run('systemctl', 'start', 'live.service')
    await container().run('systemctl', 'set-property', '--runtime', 'live.service', 'MemoryMax=2G')
    const applied = await host.apply(await host.plan({ ...request, hardBytes: 400 * MEBIBYTE }))
    expect(applied.notInForce).toEqual([])
    const { MemoryMax, DropInPaths } = await show(
      container(),
      'live.service',
      'MemoryMax',
      'DropInPaths',
    )
    expect(MemoryMax).toBe(String(400 * MEBIBYTE))
    expect(DropInPaths).toBe(`${ETC}/live.service.d/45-recycler-limits.conf`)
  })

  it('stay where an operator set them for good, and the plan says that they win', async () => {
    await addUnits(container(), { 'fixed.service': service('ExecStart=/bin/sleep infinity') })
    await container().run('systemctl', 'start', 'fixed.service')
    await container().run('systemctl', 'set-property', 'fixed.service', 'MemoryMax=2G')
    const plan = await host.plan({ target: 'fixed.service', hardBytes: 300 * MEBIBYTE })
    expect(codesOf(plan.findings)).toContain('shadowed')
    expect((await show(container(), 'fixed.service', 'MemoryMax'))['MemoryMax']).toBe(
      String(2048 * MEBIBYTE),
    )
  })
})

describe('a value that systemd would not take', () => {
  it('is found, where the manager says in its journal that it passes over it', async () => {
    await addUnits(container(), {
      'odd.service': service('ExecStart=/bin/sleep infinity', 'MemoryMax=2GB'),
    })
    const shown = await show(container(), 'odd.service', 'MemoryMax')
    expect(shown['MemoryMax']).toBe('infinity')
    const said = await journal().untilMessage('odd.service', /Invalid memory limit '2GB'/)
    expect(said['MESSAGE']).toContain('ignoring')
    const plan = await host.plan({ target: 'odd.service', stop: {} })
    expect(codesOf(plan.findings)).toContain('value_ignored')
  })
})
