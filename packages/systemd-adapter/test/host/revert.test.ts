import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SystemdRequest } from '../../src/host/request.ts'
import { CALL, type FakeHost, fakeHost, SERVICE } from '../kit/fake-host.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { DIRECTORY } from '../kit/tree.ts'

const GIB = 2 ** 30
const ETC = '/etc/systemd/system'
const LIMITS = `${ETC}/worker@.service.d/45-recycler-limits.conf`
const PROGRAM = '/usr/local/libexec/worker-recycler-death-record'
const request: SystemdRequest = {
  target: 'worker@.service',
  hardBytes: 2 * GIB,
  overrides: { '2': { max: '4G' } },
  restart: {},
  hook: {},
}

async function applyOn({ host }: FakeHost, asked: SystemdRequest = request) {
  return host.apply(host.plan(asked, await host.facts(asked, CALL)), CALL)
}

const reloads = ({ manager }: FakeHost) => manager.calls.filter((call) => call === 'reload').length

describe('revert()', () => {
  it('leaves the tree as it was, with the directories that were there and without those it made', async () => {
    const fake = await fakeHost(scratchDirectory(), {
      files: {
        [`${ETC}/worker@2.service.d`]: DIRECTORY,
        [`${ETC}/worker@.service.d/memory-limit.conf`]: '[Service]\nMemoryAccounting=yes\n',
      },
    })
    const before = fake.tree()
    const { restored, kept } = await fake.host.takeBack(await applyOn(fake), CALL)
    expect(fake.tree()).toEqual(before)
    expect(kept).toEqual([])
    expect(restored).toHaveLength(5)
    expect(reloads(fake)).toBe(2)
  })

  it('works with what was stored as JSON, and with no more than the files of a plan', async () => {
    for (const cut of [false, true]) {
      const fake = await fakeHost(scratchDirectory())
      const before = fake.tree()
      const applied = JSON.parse(JSON.stringify(await applyOn(fake, { ...request, hook: false })))
      const { files } = applied.plan
      const plan = { request: { target: 'worker@.service' }, files, commands: [], findings: [] }
      await fake.host.revert(cut ? { plan, appliedAtEpochMs: 0 } : applied, CALL)
      expect(fake.tree()).toEqual(before)
    }
  })

  it('puts back an earlier text of ours, and with it an earlier limit', async () => {
    const fake = await fakeHost(scratchDirectory())
    await applyOn(fake, { target: 'worker@.service', hardBytes: GIB })
    const before = fake.tree()
    await fake.host.revert(await applyOn(fake), CALL)
    expect(fake.tree()).toEqual(before)
    expect(fake.manager.kernel('worker@2.service')['memory.max']).toBe(String(GIB))
  })

  it('puts back somebody else’s text and mode, when that was replaced on demand', async () => {
    const fake = await fakeHost(scratchDirectory(), { files: { [LIMITS]: '[Service]\n' } })
    const before = fake.tree()
    await fake.host.revert(await applyOn(fake, { ...request, replaceEdited: true }), CALL)
    expect(fake.tree()).toEqual(before)
  })

  it('takes the limit from the kernel, too, where a reload does not (257)', async () => {
    const fake = await fakeHost(scratchDirectory(), { version: 257 })
    const applied = await applyOn(fake)
    expect(fake.manager.kernel('worker@1.service')['memory.max']).toBe(String(2 * GIB))
    await fake.host.revert(applied, CALL)
    expect(fake.manager.kernel('worker@1.service')['memory.max']).toBe('max')
    expect(Object.keys(fake.tree()).filter((path) => path.includes('/50-'))).toEqual([])
  })

  it('keeps what somebody has changed since, and what they have put there', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    const theirs = `${ETC}/worker@2.service.d/override.conf`
    fake.write({ [LIMITS]: '[Service]\nMemoryMax=7G\n', [theirs]: '[Service]\nCPUWeight=5\n' })
    const edited = fake.tree()
    const { kept, restored } = await fake.host.takeBack(applied, CALL)
    expect(kept).toEqual([LIMITS])
    const after = fake.tree()
    expect(after[LIMITS]).toBe(edited[LIMITS])
    expect(after[theirs]).toBe(edited[theirs])
    for (const path of restored) expect(after).not.toHaveProperty([path])
  })

  it('keeps a link that somebody has put in the place of a file', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    rmSync(join(fake.root, LIMITS))
    fake.write({ [LIMITS]: { link: '/dev/null' } })
    expect((await fake.host.takeBack(applied, CALL)).kept).toEqual([LIMITS])
    expect(fake.tree()[LIMITS]).toBe('link /dev/null')
  })

  it('leaves the hook’s program for as long as another service needs it', async () => {
    const fake = await fakeHost(scratchDirectory(), {
      files: { '/usr/lib/systemd/system/other.service': SERVICE },
    })
    const before = fake.tree()
    const first = await applyOn(fake)
    const second = await applyOn(fake, { target: 'other.service', hook: {} })
    expect(await fake.host.takeBack(first, CALL)).toMatchObject({ kept: [PROGRAM] })
    expect(fake.tree()).toHaveProperty([PROGRAM])
    await fake.host.revert(second, CALL)
    // It was there before the second one was applied, and belongs to the first.
    await fake.host.revert(first, CALL)
    expect(fake.tree()).toEqual(before)
  })

  it('does nothing a second time, and does not reload', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    await fake.host.revert(applied, CALL)
    const [tree, count] = [fake.tree(), reloads(fake)]
    expect(await fake.host.takeBack(applied, CALL)).toEqual({ restored: [], kept: [] })
    expect(fake.tree()).toEqual(tree)
    expect(reloads(fake)).toBe(count)
  })

  it('can be repeated when the reload fails, and reloads then', async () => {
    const fake = await fakeHost(scratchDirectory())
    const applied = await applyOn(fake)
    fake.manager.beforeCall = (name) => {
      if (name === 'reload') throw new Error('The manager is busy')
    }
    await expect(fake.host.revert(applied, CALL)).rejects.toThrow('The manager is busy')
    fake.manager.beforeCall = () => {}
    await fake.host.revert(applied, CALL)
    expect(fake.manager.kernel('worker@1.service')['memory.max']).toBe('max')
  })

  it('of a live value brings that back', async () => {
    const fake = await fakeHost(scratchDirectory())
    await fake.manager.setRuntime('worker@1.service', { MemoryMax: String(3 * GIB) }, CALL)
    const before = fake.tree()
    await fake.host.revert(await applyOn(fake), CALL)
    expect(fake.tree()).toEqual(before)
    expect(fake.manager.kernel('worker@1.service')['memory.max']).toBe(String(3 * GIB))
  })
})
