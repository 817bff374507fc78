import assert from 'node:assert/strict'
import type { EnforcerHost, LimitPlan } from '../../contracts/enforcer-host.ts'
import { abortedSignal, ended } from '../patience.ts'
import type { EnforcerRule, EnforcerScene } from './rule.ts'
import type { EnforcerHostTestBed } from './test-bed.ts'

interface HostScene {
  readonly host: EnforcerHost
  readonly bed: EnforcerHostTestBed
  readonly call: EnforcerScene['call']
  readonly options: EnforcerScene['options']
  /** A plan from the host's own facts. */
  readonly plan: () => Promise<LimitPlan>
  readonly apply: (plan: LimitPlan) => ReturnType<EnforcerHost['apply']>
  readonly revert: (...args: Parameters<EnforcerHost['verify']>) => Promise<void>
  readonly state: () => Promise<Readonly<Record<string, string>>>
}

function toHostScene({ enforcer, bed, call, options }: EnforcerScene): HostScene {
  const { host } = enforcer
  assert.ok(host && bed.host, '`supports.host` needs `host` of the enforcer, and of the test bed')
  const { request } = bed.host
  const hostBed = bed.host
  return {
    host,
    bed: hostBed,
    call,
    options,
    plan: async () => host.plan(request, await call(host.facts(request, options), 'facts()')),
    apply: (plan) => call(host.apply(plan, options), 'apply() to resolve'),
    revert: (applied) => call(host.revert(applied, options), 'revert() to resolve'),
    state: async () => ({ ...(await hostBed.state()) }),
  }
}

/** Rules on the host's side. */
export function hostRules(register: EnforcerRule): void {
  const rule = (title: string, play: (scene: HostScene) => Promise<void>) =>
    register(title, (scene) => play(toHostScene(scene)))

  rule('plan() is pure: the same request and facts give the same plan', async (scene) => {
    const { host, bed, options } = scene
    const facts = freeze(await host.facts(bed.request, options))
    const request = freeze(structuredClone(bed.request))
    const first = structuredClone(host.plan(request, facts))
    assert.deepEqual(host.plan(request, facts), first)
    assert.deepEqual(first.request, request)
  })

  rule('facts() and plan() touch nothing', async ({ plan, state }) => {
    const before = await state()
    await plan()
    assert.deepEqual(await state(), before)
  })

  rule('apply() writes the files of the plan', async ({ plan, apply, state }) => {
    const planned = await plan()
    await apply(planned)
    const after = await state()
    for (const file of planned.files) assert.equal(after[file.path], file.after, file.path)
  })

  rule('apply() a second time changes nothing more', async ({ plan, apply, state }) => {
    const planned = await plan()
    await apply(planned)
    const once = await state()
    await apply(planned)
    assert.deepEqual(await state(), once)
  })

  rule('verify() is empty after apply()', async ({ host, plan, apply, call, options }) => {
    const applied = await apply(await plan())
    assert.deepEqual(await call(host.verify(applied, options), 'verify() to resolve'), [])
  })

  rule('verify() names what is not in force', async ({ host, bed, call, options, ...scene }) => {
    const applied = await scene.apply(await scene.plan())
    await bed.drift()
    const drift = await call(host.verify(applied, options), 'verify() to resolve')
    assert.ok(drift.length > 0, 'no drift was seen')
    for (const { key, wanted, actual } of drift) assert.notEqual(wanted, actual, key)
  })

  rule('revert() leaves the host as it was, byte for byte', async (scene) => {
    const before = await scene.state()
    await scene.revert(await scene.apply(await scene.plan()), scene.options)
    assert.deepEqual(await scene.state(), before)
  })

  rule(
    'revert() a second time changes nothing',
    async ({ plan, apply, revert, state, options }) => {
      const applied = await apply(await plan())
      await revert(applied, options)
      const once = await state()
      await revert(applied, options)
      assert.deepEqual(await state(), once)
    },
  )

  rule('revert() leaves alone what was changed since', async ({ bed, options, ...scene }) => {
    const planned = await scene.plan()
    const applied = await scene.apply(planned)
    const before = await scene.state()
    await bed.drift()
    const drifted = await scene.state()
    await ended(scene.revert(applied, options))
    const after = await scene.state()
    for (const { path } of planned.files) {
      if (drifted[path] !== before[path]) assert.equal(after[path], drifted[path], path)
    }
  })

  rule('apply() refuses a plan with an error among its findings', async (scene) => {
    const plan = await scene.plan()
    const before = await scene.state()
    const finding = { level: 'error', code: 'test', message: 'The suite found a fault.' } as const
    const refused = { ...plan, findings: [...plan.findings, finding] }
    await assert.rejects(scene.apply(refused))
    assert.deepEqual(await scene.state(), before)
  })

  rule('apply() with an aborted signal rejects, and touches nothing', async (scene) => {
    const { host, call } = scene
    const plan = await scene.plan()
    const before = await scene.state()
    const applying = host.apply(plan, { signal: abortedSignal() })
    assert.equal(await call(ended(applying), 'apply() to end'), 'rejected')
    assert.deepEqual(await scene.state(), before)
  })

  rule(
    'status() tells of each target with whole bytes',
    async ({ host, call, options, ...scene }) => {
      await scene.apply(await scene.plan())
      for (const status of await call(host.status(options), 'status() to resolve')) {
        assert.match(status.target, /\S/)
        assert.equal(typeof status.running, 'boolean')
        for (const bytes of [status.usedBytes, status.softBytes, status.hardBytes]) {
          assert.ok(bytes === undefined || Number.isSafeInteger(bytes), `${bytes} bytes`)
        }
      }
    },
  )
}

/** The rule that needs a test bed which can make `apply` fail. */
export function rollbackRule(register: EnforcerRule): void {
  register('apply() that fails half way is rolled back', async (from) => {
    const scene = toHostScene(from)
    const plan = await scene.plan()
    const before = await scene.state()
    await scene.bed.obstruct?.()
    await assert.rejects(scene.apply(plan))
    assert.deepEqual(await scene.state(), before)
  })
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const each of Object.values(value)) freeze(each)
  }
  return value
}
