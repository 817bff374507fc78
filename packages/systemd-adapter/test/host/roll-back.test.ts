import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecyclerError } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import type { SystemdPlan } from '../../src/host/plan.ts'
import type { SystemdRequest } from '../../src/host/request.ts'
import { CALL, type FakeHost, fakeHost } from '../kit/fake-host.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { DIRECTORY } from '../kit/tree.ts'

const GIB = 2 ** 30
const ETC = '/etc/systemd/system'
const PROGRAM = '/usr/local/libexec/worker-recycler-death-record'
const request: SystemdRequest = {
  target: 'worker@.service',
  hardBytes: 2 * GIB,
  overrides: { '2': { max: '4G' } },
  restart: {},
  hook: {},
  replaceEdited: true,
}

/** Some of what a plan writes is there already: ours, somebody else's, and one that is to go. */
async function usedHost(version: number): Promise<FakeHost> {
  const fake = await fakeHost(scratchDirectory(), { version })
  const first: SystemdRequest = { target: 'worker@.service', hardBytes: GIB, stop: {} }
  await fake.host.apply(fake.host.plan(first, await fake.host.facts(first, CALL)), CALL)
  fake.write({ [`${ETC}/worker@.service.d/45-recycler-restart.conf`]: '[Service]\nRestart=no\n' })
  await fake.manager.boot()
  return fake
}

async function planOn({ host }: FakeHost): Promise<SystemdPlan> {
  return host.plan(request, await host.facts(request, CALL))
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing failed',
    (error: unknown) => error,
  )
}

const kernel = ({ manager }: FakeHost) => [
  manager.kernel('worker@1.service'),
  manager.kernel('worker@2.service'),
]

describe('apply() that fails is as if it had not been', () => {
  it('at each call to a manager whose reload is not enough', async () => {
    const version = 257
    // Learns which calls there are from one that does not fail.
    const first = await usedHost(version)
    const plan = await planOn(first)
    const from = first.manager.calls.length
    await first.host.apply(plan, CALL)
    const names = first.manager.calls.slice(from)
    expect(names).toContain('reload')
    for (const [index, name] of names.entries()) {
      // What the kernel refuses is told of, and is no failure.
      if (name.startsWith('set ')) continue
      const fake = await usedHost(version)
      const planned = await planOn(fake)
      const [tree, limits] = [fake.tree(), kernel(fake)]
      let calls = 0
      fake.manager.beforeCall = () => {
        calls += 1
        if (calls === index + 1) throw new Error(`The manager fails at ${name}`)
      }
      const error = await failure(fake.host.apply(planned, CALL))
      expect(String(error)).toContain(`The manager fails at ${name}`)
      expect(fake.tree()).toEqual(tree)
      expect(kernel(fake)).toEqual(limits)
    }
  })

  it('at each file', async () => {
    const { files } = await planOn(await usedHost(252))
    expect(files).toHaveLength(6)
    for (const { path } of files) {
      const fake = await usedHost(252)
      const planned = await planOn(fake)
      const odd = { ...planned, files: planned.files.map((file) => tooLong(file, path)) }
      const tree = fake.tree()
      expect(await failure(fake.host.apply(odd, CALL))).toMatchObject({ code: 'ENAMETOOLONG' })
      expect(fake.tree()).toEqual(tree)
      expect(fake.manager.calls.filter((call) => call === 'reload')).toHaveLength(1)
    }
  })

  it('at a directory that cannot be made, with a code, the path and what to do', async () => {
    const fake = await usedHost(252)
    fake.write({ [`${ETC}/worker@2.service.d`]: 'in the way' })
    const planned = await planOn(fake)
    const tree = fake.tree()
    const error = await failure(fake.host.apply(planned, CALL))
    expect(isRecyclerError(error, 'PLAN_REFUSED')).toBe(true)
    expect(String(error)).toContain('worker@2.service.d/45-recycler-limits.conf: something else')
    expect(fake.tree()).toEqual(tree)
  })

  it('with an aborted signal, whenever that comes', async () => {
    for (const at of ['reload', 'show']) {
      const fake = await usedHost(257)
      const planned = await planOn(fake)
      const [tree, limits] = [fake.tree(), kernel(fake)]
      const abort = new AbortController()
      fake.manager.beforeCall = (name) => {
        if (name !== at) return
        fake.manager.beforeCall = () => {}
        abort.abort(new Error('No time left'))
        throw new Error('No time left')
      }
      const error = await failure(fake.host.apply(planned, { signal: abort.signal }))
      expect(String(error)).toContain('No time left')
      expect(fake.tree()).toEqual(tree)
      expect(kernel(fake)).toEqual(limits)
    }
  })

  it('tells what it could not put back, and of the first failure', async () => {
    const fake = await usedHost(252)
    const planned = await planOn(fake)
    const path = join(fake.root, ETC, 'worker@2.service.d/45-recycler-limits.conf')
    fake.manager.beforeCall = (name) => {
      if (name !== 'reload') return
      rmSync(path)
      mkdirSync(path)
      writeFileSync(join(path, 'in-the-way'), '')
      throw new Error('The manager is busy')
    }
    const error = await failure(fake.host.apply(planned, CALL))
    expect(isRecyclerError(error, 'ADAPTER_FAILED')).toBe(true)
    expect(String(error)).toMatch(/The manager is busy\. Not all .* could be put back: look at /)
    expect(String(error)).toContain('worker@2.service.d/45-recycler-limits.conf')
  })
})

describe('apply() refuses a plan', () => {
  it('when a file was changed since it was made', async () => {
    const fake = await usedHost(252)
    const planned = await planOn(fake)
    fake.write({ [`${ETC}/worker@.service.d/45-recycler-limits.conf`]: '[Service]\n' })
    const tree = fake.tree()
    const error = await failure(fake.host.apply(planned, CALL))
    expect(isRecyclerError(error, 'PLAN_REFUSED')).toBe(true)
    expect(String(error)).toContain('45-recycler-limits.conf was changed since the plan was made')
    expect(fake.tree()).toEqual(tree)
  })

  it.each([
    ['a link', { link: '/dev/null' }],
    ['a directory', DIRECTORY],
  ] as const)('when %s is in the place of a file', async (_, node) => {
    const fake = await usedHost(252)
    fake.write({ [PROGRAM]: node })
    const tree = fake.tree()
    const error = await failure(fake.host.apply(await planOn(fake), CALL))
    expect(isRecyclerError(error, 'PLAN_REFUSED')).toBe(true)
    expect(String(error)).toContain(`${PROGRAM} is a link or a directory`)
    expect(fake.tree()).toEqual(tree)
  })

  it('that has errors among its findings, and tells all of them', async () => {
    const fake = await usedHost(252)
    const asked: SystemdRequest = { ...request, replaceEdited: false, limits: { max: '1M' } }
    const planned = fake.host.plan(asked, await fake.host.facts(asked, CALL))
    const error = await failure(fake.host.apply(planned, CALL))
    expect(isRecyclerError(error, 'PLAN_REFUSED')).toBe(true)
    expect(String(error)).toMatch(/\(foreign_edit\); .*\(below_usage\)/)
  })
})

type File = SystemdPlan['files'][number]

/** In the place of one file, another with a name so long that nothing can be written beside it. */
function tooLong(file: File, path: string): File {
  if (file.path !== path) return file
  return { path: join(path, '..', `${'x'.repeat(240)}.conf`), after: 'x', mode: 0o644 }
}
