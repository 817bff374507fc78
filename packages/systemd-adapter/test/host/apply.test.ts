import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SystemdPlan } from '../../src/host/plan.ts'
import type { SystemdRequest } from '../../src/host/request.ts'
import { systemdHost } from '../../src/systemd-host.ts'
import { CALL, type FakeHost, fakeHost } from '../kit/fake-host.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

const GIB = 2 ** 30
const MIB = 2 ** 20
const ETC = 'etc/systemd/system'
const TEMPLATE = `${ETC}/worker@.service.d/45-recycler-limits.conf`
const LIVE = '/run/systemd/system.control/worker@1.service.d'
const request: SystemdRequest = {
  target: 'worker@.service',
  limits: { max: 2 * GIB, swapMax: 0 },
  overrides: { '2': { max: '4G' } },
  restart: {},
  stop: {},
  hook: {},
}

async function planOn({ host }: FakeHost, asked: SystemdRequest = request): Promise<SystemdPlan> {
  return host.plan(asked, await host.facts(asked, CALL))
}

async function applyOn(fake: FakeHost, asked: SystemdRequest = request) {
  return fake.host.apply(await planOn(fake, asked), CALL)
}

const reloads = ({ manager }: FakeHost) => manager.calls.filter((call) => call === 'reload').length
const sets = ({ manager }: FakeHost) => manager.calls.filter((call) => call.startsWith('set '))
const maxOf = ({ manager }: FakeHost, unit: string) => {
  const kernel = manager.kernel(unit)
  return Number(kernel['memory.max'] ?? kernel['memory.limit_in_bytes'])
}

describe('apply()', () => {
  it('writes all files, reloads once, and the kernel has each limit', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    expect(applied).toMatchObject({ reloads: 1, notInForce: [] })
    expect(applied.plan.files).toHaveLength(6)
    expect(reloads(fake)).toBe(1)
    expect(sets(fake)).toEqual([])
    expect(maxOf(fake, 'worker@1.service')).toBe(2 * GIB)
    expect(maxOf(fake, 'worker@2.service')).toBe(4 * GIB)
    expect(fake.manager.kernel('worker@1.service')['memory.swap.max']).toBe('0')
  })

  it('takes away the file of an instance that is not loaded, when it has no limit of its own any more', async () => {
    const fake = await fakeHost(scratchDirectory(), { running: { 'worker@1.service': 100 * MIB } })
    await applyOn(fake)
    const { overrides, ...without } = request
    expect(Object.keys(overrides ?? {})).toEqual(['2'])
    await applyOn(fake, without)
    expect(Object.keys(fake.tree()).filter((path) => path.includes('worker@2'))).toEqual([])
    expect((await fake.host.status(CALL)).map(({ target }) => target)).toEqual(['worker@1.service'])
  })

  it('does not reload when everything is as asked already', async () => {
    const fake = await fakeHost(scratchDirectory())
    const { plan } = await applyOn(fake)
    const before = fake.tree()
    expect(await fake.host.apply(plan, CALL)).toMatchObject({ reloads: 0 })
    expect(await applyOn(fake)).toMatchObject({ reloads: 0 })
    expect(reloads(fake)).toBe(1)
    expect(fake.tree()).toEqual(before)
  })

  it('reloads after a process that was killed between its writes and its reload', async () => {
    const fake = await fakeHost(scratchDirectory())
    const { files } = await planOn(fake)
    fake.write(Object.fromEntries(files.map(({ path, after = '' }) => [path, after])))
    for (const { path, mode = 0 } of files) chmodSync(join(fake.root, path), mode)
    expect(await applyOn(fake)).toMatchObject({ reloads: 1, notInForce: [] })
    expect(maxOf(fake, 'worker@1.service')).toBe(2 * GIB)
  })

  it('clears away what a process that was killed while it wrote has left', async () => {
    const fake = await fakeHost(scratchDirectory())
    const left = `${ETC}/worker@.service.d/.45-recycler-limits.conf.0123456789ab.tmp`
    fake.write({ [left]: '[Serv' })
    await applyOn(fake)
    expect(fake.tree()).not.toHaveProperty([`/${left}`])
  })

  it('gives files and directories their modes whatever the umask says', async () => {
    const fake = await fakeHost(scratchDirectory())
    const umask = process.umask(0o077)
    try {
      await applyOn(fake)
    } finally {
      process.umask(umask)
    }
    const tree = fake.tree()
    expect(tree[`/${TEMPLATE}`]).toMatch(/^644 /)
    expect(tree[`/${ETC}/worker@2.service.d`]).toBe('directory 755')
    expect(tree['/usr/local/libexec']).toBe('directory 755')
    expect(tree['/usr/local/libexec/worker-recycler-death-record']).toMatch(/^755 /)
  })

  it('mends a mode without which a file is of no use', async () => {
    const fake = await fakeHost(scratchDirectory())
    await applyOn(fake)
    const program = '/usr/local/libexec/worker-recycler-death-record'
    chmodSync(join(fake.root, program), 0o644)
    await applyOn(fake)
    expect(fake.tree()[program]).toMatch(/^755 /)
  })

  it.each([256, 257])(
    'brings limits to the kernel where the reload of %i does not',
    async (version) => {
      const fake = await fakeHost(scratchDirectory(), { version })
      const applied = await applyOn(fake)
      expect(applied).toMatchObject({ reloads: 1, notInForce: [] })
      expect(maxOf(fake, 'worker@1.service')).toBe(2 * GIB)
      expect(maxOf(fake, 'worker@2.service')).toBe(4 * GIB)
      expect(sets(fake)).toHaveLength(2)
      expect(Object.keys(fake.tree()).filter((path) => path.includes('system.control/'))).toEqual(
        [],
      )
      // The reload came last: there is nothing that the manager has not read.
      expect(await applyOn(fake)).toMatchObject({ reloads: 0, notInForce: [] })
    },
  )

  it('brings there what is promised, too, and takes it back (257)', async () => {
    const fake = await fakeHost(scratchDirectory(), { version: 257 })
    const promised = { target: 'worker@.service', limits: { max: '2G', low: '64M', min: '32M' } }
    const applied = await applyOn(fake, promised)
    expect(applied.notInForce).toEqual([])
    expect(fake.manager.kernel('worker@1.service')).toMatchObject({
      'memory.low': String(64 * MIB),
      'memory.min': String(32 * MIB),
    })
    await fake.host.revert(applied, CALL)
    expect(fake.manager.kernel('worker@1.service')).toMatchObject({
      'memory.max': 'max',
      'memory.low': '0',
      'memory.min': '0',
    })
  })

  it('does so on 219 in its own words and place', async () => {
    const fake = await fakeHost(scratchDirectory(), { version: 219, hierarchy: 'legacy' })
    expect(await applyOn(fake, { target: 'worker@.service', hardBytes: GIB })).toMatchObject({
      notInForce: [],
    })
    expect(sets(fake)[0]).toBe('set worker@1.service {"MemoryLimit":"1073741824"}')
    expect(maxOf(fake, 'worker@1.service')).toBe(GIB)
    expect(
      Object.keys(fake.tree()).filter((path) => path.startsWith('/run/systemd/system/')),
    ).toEqual([])
  })

  it('takes a limit from the kernel that the files do not have any more (257)', async () => {
    const fake = await fakeHost(scratchDirectory(), { version: 257 })
    await applyOn(fake)
    await applyOn(fake, { target: 'worker@.service', restart: {} })
    expect(fake.manager.kernel('worker@1.service')).toMatchObject({
      'memory.max': 'max',
      'memory.swap.max': 'max',
    })
  })

  it('tells of a limit that cgroup v1 refuses, as more is in use (EBUSY)', async () => {
    const fake = await fakeHost(scratchDirectory(), { version: 252, hierarchy: 'legacy' })
    const asked = { target: 'worker@.service', hardBytes: 150 * MIB, belowUsage: true }
    const applied = await applyOn(fake, asked)
    expect(applied.notInForce).toEqual([
      {
        target: 'worker@2.service',
        key: 'MemoryMax',
        wanted: String(150 * MIB),
        actual: 'infinity',
      },
    ])
    expect(maxOf(fake, 'worker@1.service')).toBe(150 * MIB)
    expect(await fake.host.verify(applied, CALL)).toEqual(applied.notInForce)
  })

  it('takes away the live values of the keys that it sets', async () => {
    const fake = await fakeHost(scratchDirectory())
    await fake.manager.setRuntime('worker@1.service', { MemoryMax: '9', CPUWeight: '5' }, CALL)
    await applyOn(fake)
    expect(maxOf(fake, 'worker@1.service')).toBe(2 * GIB)
    expect(Object.keys(fake.tree()).filter((path) => path.startsWith(`${LIVE}/`))).toEqual([
      `${LIVE}/50-CPUWeight.conf`,
    ])
  })

  it('asks an image nothing, and leaves no trace there but its files', async () => {
    const fake = await fakeHost(scratchDirectory())
    const host = systemdHost({ root: fake.root, version: 257 })
    const before = fake.tree()
    const asked: SystemdRequest = { target: 'new.service', hardBytes: GIB, hook: {} }
    const applied = await host.apply(host.plan(asked, await host.facts(asked, CALL)), CALL)
    expect(Object.keys(fake.tree()).filter((path) => !(path in before))).toEqual([
      `/${ETC}/new.service.d`,
      `/${ETC}/new.service.d/45-recycler-hook.conf`,
      `/${ETC}/new.service.d/45-recycler-limits.conf`,
      '/usr/local',
      '/usr/local/libexec',
      '/usr/local/libexec/worker-recycler-death-record',
    ])
    expect(await host.verify(applied, CALL)).toEqual([])
    expect((await host.status(CALL)).map(({ target, running }) => [target, running])).toEqual([
      ['new.service', false],
    ])
    await host.revert(applied, CALL)
    expect(fake.tree()).toEqual(before)
  })

  it('never writes beside an image, wherever its links seem to lead', async () => {
    const outside = scratchDirectory()
    const inside = scratchDirectory()
    mkdirSync(join(inside, ETC, '..'), { recursive: true })
    mkdirSync(join(inside, outside), { recursive: true })
    symlinkSync(outside, join(inside, ETC))
    const host = systemdHost({ root: inside, version: 257 })
    const asked = { target: 'new.service', hardBytes: GIB }
    await host.apply(host.plan(asked, await host.facts(asked, CALL)), CALL)
    expect(readdirSync(outside)).toEqual([])
    expect(readdirSync(join(inside, outside))).toEqual(['new.service.d'])
  })
})

describe('verify()', () => {
  it('tells of files that were changed or have gone, and of what the kernel has', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    writeFileSync(join(fake.root, TEMPLATE), '[Service]\nMemoryMax=7G\n')
    await fake.manager.setRuntime('worker@1.service', { MemoryMax: '7516192768' }, CALL)
    const drifts = await fake.host.verify(applied, CALL)
    expect(drifts.map(({ target, key, actual }) => [target, key, actual])).toEqual([
      ['worker@.service', `/${TEMPLATE}`, '[Service]\nMemoryMax=7G\n'],
      ['worker@1.service', 'MemoryMax', '7516192768'],
    ])
  })

  it('can be asked with what was stored as JSON', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = JSON.parse(JSON.stringify(await applyOn(fake)))
    expect(await fake.host.verify(applied, CALL)).toEqual([])
    await fake.manager.setRuntime('worker@2.service', { MemorySwapMax: '4194304' }, CALL)
    expect(await fake.host.verify(applied, CALL)).toEqual([
      { target: 'worker@2.service', key: 'MemorySwapMax', wanted: '0', actual: '4194304' },
    ])
  })
})

describe('status()', () => {
  it('tells of each unit once, though an instance has files of its own', async () => {
    const fake = await fakeHost(scratchDirectory())
    await applyOn(fake)
    const all = await fake.host.status(CALL)
    expect(all).toEqual(
      [1, 2].map((instance) => ({
        target: `worker@${instance}.service`,
        running: true,
        usedBytes: instance * 100 * MIB,
        hardBytes: instance * 2 * GIB,
        state: 'active',
        subState: 'running',
        result: 'success',
        pid: 4711,
        restarts: 3,
      })),
    )
    expect(await fake.host.status({ ...CALL, target: 'worker@2.service' })).toEqual([all[1]])
  })
})
