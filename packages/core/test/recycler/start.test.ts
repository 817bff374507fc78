import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer, type FakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { faulty, type Faults } from '../../src/testing/faulty.ts'
import { memoryJobSource, type MemoryJobSource } from '../../src/testing/memory-job-source.ts'
import { bench, type BenchOptions } from './bench.ts'
import { handMonitor } from './hand-monitor.ts'
import { levelPolicy } from './level-policy.ts'

const HANGS = { kind: 'hang', until: 'never' } as const
const FAILS = { kind: 'fail' } as const

interface Broken {
  readonly enforcer?: Faults<FakeEnforcer>
  readonly source?: Faults<MemoryJobSource>
  readonly options?: BenchOptions
}

/** A recycler whose adapters are broken from the beginning. */
function broken({ enforcer = {}, source = {}, options = {} }: Broken) {
  const clock = fakeClock()
  const memory = memoryJobSource({ concurrency: 4 })
  const fake = fakeEnforcer({
    stopBudgetMs: 20_000,
    limits: { hardBytes: 1000 },
    lastExit: { cause: 'memory', identity: 'a:1:abcdef' },
  })
  const table = bench({
    clock,
    memory,
    source: faulty(memory, source, { clock }).adapter,
    enforcer: faulty(fake, enforcer, { clock }).adapter,
    startMs: 30_000,
    ...options,
  })
  const outcome = table.recycler.start().then(
    () => 'started',
    (error: unknown) => error,
  )
  return { ...table, fake, outcome }
}

describe('a start that cannot do without', () => {
  for (const member of ['stopBudget', 'limits'] as const) {
    it(`${member}() fails, and says so, when that throws or hangs`, async () => {
      const thrown = broken({ enforcer: { [member]: FAILS } })
      await thrown.reach('failed')
      expect(await thrown.outcome).toMatchObject({ code: 'ADAPTER_FAILED' })
      const hung = broken({ enforcer: { [member]: HANGS } })
      await hung.reach('failed', 1000)
      expect(hung.since('closing')).toBe(30_000)
      expect(await hung.outcome).toMatchObject({
        code: 'TIMED_OUT',
        message: `[fake] ${member}() did not end within 30000 ms`,
      })
      expect(hung.clock.pending).toBe(0)
    })
  }

  it('the job source fails, and closes it, when that throws or hangs', async () => {
    const thrown = broken({ source: { start: FAILS } })
    await thrown.reach('failed')
    expect(await thrown.outcome).toMatchObject({ code: 'ADAPTER_FAILED' })
    const hung = broken({ source: { start: HANGS } })
    await hung.reach('failed', 1000)
    expect(await hung.outcome).toMatchObject({ message: /^\[memory\] start\(\) did not end/ })
    expect(hung.fake.calls.at(-1)?.member).toBe('stop')
    expect(hung.clock.pending).toBe(0)
  })
})

describe('a start that can do without', () => {
  const SPARE: readonly (readonly [string, Broken])[] = [
    ['fake.lastExit', { enforcer: { lastExit: FAILS } }],
    ['memory.recover', { source: { recover: FAILS } }],
  ]
  for (const [call, faults] of SPARE) {
    it(`goes on when ${call}() throws`, async () => {
      const table = broken(faults)
      await table.reach('running')
      expect(await table.outcome).toBe('started')
      expect(table.failedCalls()).toEqual([call])
    })
  }

  const SLOW: readonly (readonly [string, Broken])[] = [
    ['fake.lastExit', { enforcer: { lastExit: HANGS } }],
    ['memory.recover', { source: { recover: HANGS } }],
  ]
  for (const [call, faults] of SLOW) {
    it(`goes on after a sixth of its time when ${call}() hangs`, async () => {
      const table = broken({ ...faults, options: { startMs: 6000 } })
      await table.reach('running', 100)
      expect(table.since('running')).toBe(1000)
      expect(await table.outcome).toBe('started')
      expect(table.failedCalls()).toEqual([call])
    })
  }

  it('takes jobs and watches memory while the supervisor does not hear that it is ready', async () => {
    const monitor = handMonitor()
    monitor.read(950)
    const table = broken({
      enforcer: { ready: HANGS },
      options: { monitors: [monitor], policy: levelPolicy() },
    })
    await table.reach('exited')
    expect(table.last('recycle:finished').ledger.beforeBytes).toBe(950)
    expect(await table.outcome).toBe('started')
    expect(table.clock.pending).toBe(0)
  })

  it('reports that the supervisor did not hear it', async () => {
    const thrown = broken({ enforcer: { ready: FAILS } })
    await thrown.outcome
    expect(thrown.failedCalls()).toEqual(['fake.ready'])
  })

  it('tells the supervisor again until it hears, and no more once it has, or once the worker leaves', async () => {
    const clock = fakeClock()
    const fake = fakeEnforcer({ stopBudgetMs: 20_000, limits: { hardBytes: 1000 } })
    let deafTimes = 2
    const ready: FakeEnforcer['ready'] = async (call) => {
      await fake.ready(call)
      deafTimes -= 1
      if (deafTimes >= 0) throw new Error('Nobody has heard it')
    }
    const times = () => fake.calls.filter(({ member }) => member === 'ready').length
    const table = bench({ clock, enforcer: { ...fake, ready } })
    await table.recycler.start()
    expect(times()).toBe(1)
    await clock.advance(2000)
    expect(times()).toBe(3)
    await clock.advance(60_000)
    expect(times()).toBe(3)
    expect(table.failedCalls()).toEqual(['fake.ready', 'fake.ready'])

    deafTimes = Infinity
    const second = bench({ clock, enforcer: { ...fake, ready } })
    await second.recycler.start()
    void second.recycler.stop()
    await second.reach('exited')
    await clock.advance(60_000)
    expect(times()).toBe(4)
  })
})

describe('a stop during the start', () => {
  const MEMBERS = ['stopBudget', 'limits', 'lastExit'] as const
  for (const member of MEMBERS) {
    it(`does not start the job source any more when ${member}() hangs`, async () => {
      const table = broken({ enforcer: { [member]: HANGS } })
      await table.clock.advance(10)
      const stopped = table.recycler.stop()
      await table.reach('exited')
      await stopped
      expect(await table.outcome).toMatchObject({ code: 'ILLEGAL_PHASE' })
      expect(table.source.store.working.size).toBe(0)
      expect(table.failedCalls()).toEqual([])
      expect(table.names()).not.toContain('worker:started')
      expect(table.clock.pending).toBe(0)
    })
  }

  it('does not tell the supervisor that the worker is ready any more', async () => {
    const { recycler, enforcer, reach } = bench()
    recycler.on('worker:started', () => void recycler.stop())
    await recycler.start()
    await reach('exited')
    const members = enforcer.calls.map(({ member }) => member)
    expect(members).toContain('stopping')
    expect(members).not.toContain('ready')
  })

  it('ends a job source that is being started', async () => {
    const table = broken({ source: { start: { kind: 'hang', until: 'abort' } } })
    await table.clock.advance(10)
    await table.recycler.stop()
    expect(table.recycler.phase).toBe('exited')
    expect(table.failedCalls()).toEqual([])
    expect(table.clock.pending).toBe(0)
  })
})
