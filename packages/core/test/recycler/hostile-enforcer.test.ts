import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { faulty, type Fault } from '../../src/testing/faulty.ts'
import { working } from './bench.ts'

const FAULTS: Readonly<Record<string, Fault>> = {
  throws: { kind: 'fail' },
  hangs: { kind: 'hang', until: 'abort' },
  'hangs and ignores its signal': { kind: 'hang', until: 'never' },
  'is late': { kind: 'slow', ms: 100_000 },
}
const MEMBERS = ['stopping', 'extendStop', 'grantHeadroom', 'saveLedger', 'stop'] as const

/** Starts a worker; then its line to the supervisor breaks. */
async function broken(member: string, fault: Fault, names: readonly string[]) {
  const clock = fakeClock()
  const fake = fakeEnforcer({ stopBudgetMs: 20_000, limits: { hardBytes: 1000 } })
  const { adapter: enforcer, down } = faulty(fake, {}, { clock })
  const table = await working(names, { clock, enforcer })
  down({ [member]: fault })
  return { ...table, clock, fake }
}

describe('an enforcer that breaks', () => {
  for (const member of MEMBERS) {
    for (const [how, fault] of Object.entries(FAULTS)) {
      it(`holds up no hand-back though ${member}() ${how}, and is reported`, async () => {
        const table = await broken(member, fault, ['endless'])
        const recycling = table.recycler.recycle()
        await table.reach('exited', 50)
        expect(table.since('handingBack')).toBe(16_150)
        expect(table.since('exited')).toBeLessThanOrEqual(19_000)
        expect((await recycling).jobs).toMatchObject({ inFlight: 1, handedBack: 1 })
        expect(table.failedCalls()).toEqual([`fake.${member}`])
      })
    }

    it(`costs an idle worker no more than a step of closing though ${member}() hangs`, async () => {
      const table = await broken(member, { kind: 'hang', until: 'never' }, [])
      void table.recycler.recycle()
      await table.reach('exited', 5)
      expect(table.clock.nowMs()).toBeLessThanOrEqual(285)
      expect(table.failedCalls()).toEqual([`fake.${member}`])
      expect(table.names().at(-1)).toBe('worker:stopped')
      expect(table.clock.pending).toBe(0)
    })
  }

  it('hears that the worker leaves before its line is ended', async () => {
    const { recycler, fake, clock } = await broken('stopping', { kind: 'slow', ms: 200 }, [])
    void recycler.recycle()
    await clock.advance(1000)
    const members = fake.calls.map(({ member }) => member)
    expect(members.indexOf('stopping')).toBeGreaterThan(0)
    expect(members.at(-1)).toBe('stop')
  })

  it('that passes on no requests any more is reported, and the worker works on', async () => {
    const clock = fakeClock()
    const faults = { requests: { kind: 'fail' } } as const
    const { adapter: enforcer } = faulty(fakeEnforcer(), faults, { clock })
    const { recycler, failedCalls } = await working([], { clock, enforcer })
    await clock.advance(0)
    expect(failedCalls()).toEqual(['fake.requests'])
    expect(recycler.phase).toBe('running')
  })

  it('that hangs on its requests lets the worker leave', async () => {
    const clock = fakeClock()
    const faults = { requests: { kind: 'hang', until: 'never' } } as const
    const { adapter: enforcer } = faulty(fakeEnforcer(), faults, { clock })
    const { recycler } = await working([], { clock, enforcer })
    await recycler.stop()
    expect(recycler.phase).toBe('exited')
  })
})
