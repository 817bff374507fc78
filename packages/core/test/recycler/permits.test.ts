import { describe, expect, it } from 'vitest'
import { CONTRACT } from '../../src/contracts/adapter.ts'
import type { Coordinator, Permit } from '../../src/contracts/coordinator.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { faulty } from '../../src/testing/faulty.ts'
import { memoryCoordinator, type MemoryPermits } from '../../src/testing/memory-coordinator.ts'
import type { BenchOptions } from './bench.ts'
import { pressing } from './pressing.ts'

const COHORT = { name: 'all', size: 4 }

/** A worker in a cohort of four, of which one may recycle; `others` takes that place. */
async function inCohort(names: readonly string[] = [], options: BenchOptions = {}) {
  const clock = options.clock ?? fakeClock()
  const permits: MemoryPermits = new Map()
  const coordinator = memoryCoordinator({ clock, permits })
  const places = new Map<string, number>()
  permits.set('all', places)
  const table = await pressing(names, { coordinator, cohort: COHORT, ...options, clock })
  return { ...table, clock, places, others: (): void => void places.set('other', Infinity) }
}

/** A coordinator whose answers a test gives. */
function handCoordinator() {
  const asked: ((permit: Permit | null) => void)[] = []
  const log: string[] = []
  const coordinator: Coordinator = {
    kind: 'coordinator',
    name: 'hand',
    contract: CONTRACT,
    supports: { ttl: true },
    acquire: () => {
      log.push('acquire')
      return new Promise((resolve) => asked.push(resolve))
    },
  }
  const permit: Permit = {
    cohort: 'all',
    holder: 'me',
    release: async () => void log.push('release'),
  }
  return {
    coordinator,
    log,
    grant: () => asked.shift()?.(permit),
    deny: () => asked.shift()?.(null),
  }
}

describe('a permit', () => {
  it('is asked for before a soft recycle, kept through it, and given back by the successor', async () => {
    const { press, recycler, places, clock } = await inCohort([], { name: 'worker-1' })
    await press(850)
    expect(recycler.phase).toBe('exited')
    expect([...places.keys()]).toEqual(['worker-1'])
    // Lapses by itself after budget and restart.
    expect(places.get('worker-1')).toBe(19_000 + 60_000)
    expect(clock.pending).toBe(0)
  })

  it('that is refused holds the recycle; it is asked for again every 5 s until it is granted', async () => {
    const { press, recycler, phases, all, places, others, clock } = await inCohort()
    others()
    await press(850)
    expect(recycler.phase).toBe('held')
    expect(all('recycle:held')).toMatchObject([
      { heldBy: [{ code: 'permit_denied' }], reasons: [{ code: 'high' }] },
    ])
    await press(860)
    await clock.advance(4999)
    expect(all('recycle:held')).toHaveLength(1)
    await clock.advance(1)
    expect(all('recycle:held')).toHaveLength(2)
    places.delete('other')
    await clock.advance(5000)
    expect(recycler.phase).toBe('exited')
    expect(phases.slice(2, 7)).toEqual(['running', 'requested', 'held', 'requested', 'held'])
  })

  it('is not waited for by a hard recycle', async () => {
    const { press, recycler, others } = await inCohort()
    others()
    await press(950)
    expect(recycler.phase).toBe('exited')
  })

  it('is given back when memory is calm again before it comes', async () => {
    const { coordinator, log, grant } = handCoordinator()
    const { press, recycler } = await inCohort([], { coordinator })
    await press(850)
    expect(recycler.phase).toBe('requested')
    await press(100)
    expect(recycler.phase).toBe('running')
    grant()
    await press(100)
    expect(recycler.phase).toBe('running')
    expect(log).toEqual(['acquire', 'release'])
  })

  it('is asked for once, and not released in between, however memory flutters', async () => {
    const { coordinator, log, grant } = handCoordinator()
    const { press, recycler } = await inCohort([], { coordinator })
    for (const used of [850, 100, 850, 100, 850]) await press(used)
    expect(log).toEqual(['acquire'])
    grant()
    await press(850)
    expect(recycler.phase).toBe('exited')
    expect(log).toEqual(['acquire'])
  })

  it('is asked for again only when it was given back', async () => {
    const { coordinator, log, grant } = handCoordinator()
    const given: (() => void)[] = []
    const { press, recycler } = await inCohort([], {
      coordinator: {
        ...coordinator,
        acquire: async (request, options) => {
          const permit = await coordinator.acquire(request, options)
          const release = () =>
            new Promise<void>((resolve) => {
              log.push('release begins')
              given.push(resolve)
            })
          return permit && { ...permit, release }
        },
      },
    })
    await press(850)
    await press(100)
    grant()
    await press(100)
    await press(850)
    expect(log).toEqual(['acquire', 'release begins'])
    given.shift()?.()
    await press(850)
    expect(log).toEqual(['acquire', 'release begins', 'acquire'])
    grant()
    await press(850)
    expect(recycler.phase).toBe('exited')
  })

  it('that is refused when the policy holds the recycle meanwhile is not waited for', async () => {
    const { coordinator, deny } = handCoordinator()
    const { press, recycler, hold, all, clock } = await inCohort([], { coordinator })
    await press(850)
    hold('breaker')
    await press(850)
    expect(recycler.phase).toBe('held')
    deny()
    await clock.advance(0)
    expect(all('recycle:held').map(({ heldBy }) => heldBy[0]?.code)).toEqual(['breaker'])
    expect(clock.pending).toBe(0)
  })

  it('is given back on a stop', async () => {
    const { press, recycler, places, reach } = await inCohort(['endless'])
    await press(850)
    await reach('draining')
    expect(places.size).toBe(1)
    void recycler.stop()
    await reach('exited', 100)
    expect(places.size).toBe(0)
  })

  it('that comes while the worker stops is given back', async () => {
    const { coordinator, log, grant } = handCoordinator()
    const { press, recycler, reach } = await inCohort(['endless'], { coordinator })
    await press(850)
    void recycler.stop()
    await reach('draining')
    grant()
    await reach('exited', 100)
    expect(log).toEqual(['acquire', 'release'])
  })

  it('that the predecessor kept is given back once this process works', async () => {
    const old = await inCohort([], { name: 'worker-1' })
    await old.press(850)
    const { places, enforcer, clock } = old
    const coordinator = memoryCoordinator({ clock, permits: new Map([['all', places]]) })
    const next = await inCohort([], {
      clock,
      coordinator,
      name: 'worker-1',
      enforcer: enforcer.successor(),
    })
    await next.clock.advance(0)
    expect(next.recycler.phase).toBe('running')
    expect(places.size).toBe(0)
  })

  it('is not asked for where the recycler only observes', async () => {
    const { coordinator, log } = handCoordinator()
    const { press } = await inCohort([], { coordinator, mode: 'observe' })
    await press(850)
    await press(950)
    expect(log).toEqual([])
  })
})

describe('a coordinator that is down', () => {
  for (const kind of ['fail', 'hang'] as const) {
    const fault = kind === 'fail' ? { kind } : ({ kind, until: 'never' } as const)

    const down = async () => {
      const clock = fakeClock()
      const { adapter, up } = faulty(memoryCoordinator({ clock }), { acquire: fault }, { clock })
      return { ...(await inCohort([], { clock, coordinator: adapter })), up }
    }

    it(`(${kind}) makes a soft recycle wait until it is back`, async () => {
      const { press, recycler, clock, reach, last, failedCalls, up } = await down()
      await press(850)
      await reach('held', 100)
      expect(last('recycle:held').heldBy).toMatchObject([{ code: 'coordinator_unavailable' }])
      expect(failedCalls()).toContain('memory.acquire')
      up()
      await clock.advance(5000)
      expect(recycler.phase).toBe('exited')
    })

    it(`(${kind}) holds up no hard recycle`, async () => {
      const { press, recycler, clock } = await down()
      await press(950)
      expect(recycler.phase).toBe('exited')
      expect(clock.nowMs()).toBe(0)
      expect(clock.pending).toBe(0)
    })
  }

  it('costs no more than its step of closing when it hangs on release and stop', async () => {
    const clock = fakeClock()
    const hang = { kind: 'hang', until: 'never' } as const
    const coordinator: Coordinator = {
      ...memoryCoordinator({ clock }),
      acquire: async ({ cohort, holder }) => ({
        cohort,
        holder,
        release: () => new Promise(() => {}),
      }),
      stop: async () => {},
    }
    const { adapter } = faulty(coordinator, { stop: hang }, { clock })
    const table = await inCohort(['endless'], { clock, coordinator: adapter })
    await table.press(850)
    await table.reach('draining')
    void table.recycler.stop()
    table.source.finish(table.ids[0] ?? '')
    await table.reach('exited', 50)
    expect(table.since('exited') - table.since('closing')).toBeLessThanOrEqual(950)
    expect(table.enforcer.calls.at(-1)?.member).toBe('stop')
    expect(table.failedCalls().toSorted()).toEqual(['memory.release', 'memory.stop'])
    expect(clock.pending).toBe(0)
  })
})
