import { fakeClock } from '@worker-recycler/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPermitDesk } from '../src/permit/permit-desk.ts'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const program = bundled()

const desk = (cap: number) => {
  const clock = fakeClock()
  return { clock, desk: createPermitDesk({ cap, placeMs: 100_000, clock }) }
}
const ask = (holder: string, max = 9, cohort = 'jobs') => ({ cohort, max, ttlMs: 1000, holder })

describe('the permit desk', () => {
  it('caps what workers ask for and what is asked of them together', () => {
    const { desk: theDesk } = desk(2)
    expect(theDesk.acquire('a', ask('a'))).toBe(true)
    expect(theDesk.want('b', () => {})).toBe(true)
    expect(theDesk.acquire('c', ask('c'))).toBe(false)
    expect(theDesk.want('d', () => {})).toBe(false)
    expect(theDesk.status()).toEqual({ recycling: ['a', 'b'], waiting: ['d'] })
  })

  it('gives a worker that was asked to recycle the permit it asks for then', () => {
    const { desk: theDesk } = desk(1)
    theDesk.want('a', () => {})
    expect(theDesk.acquire('a', ask('a'))).toBe(true)
    expect(theDesk.status().recycling).toEqual(['a'])
  })

  it('grants again to who has a permit, and no more than a cohort’s own maximum', () => {
    const { desk: theDesk } = desk(5)
    expect(theDesk.acquire('a', ask('a', 1))).toBe(true)
    expect(theDesk.acquire('a', ask('a', 1))).toBe(true)
    expect(theDesk.acquire('b', ask('b', 1))).toBe(false)
    expect(theDesk.acquire('b', ask('b', 1, 'other'))).toBe(true)
    theDesk.release('jobs', 'a')
    theDesk.release('jobs', 'a')
    expect(theDesk.acquire('c', ask('c', 1))).toBe(true)
  })

  it('serves those who wait in order, as places are given back or lapse', async () => {
    const { desk: theDesk, clock } = desk(1)
    const served: string[] = []
    theDesk.acquire('a', ask('a'))
    for (const owner of ['b', 'c', 'd', 'e']) theDesk.want(owner, () => served.push(owner))
    await clock.advance(999)
    expect(served).toEqual([])
    await clock.advance(1)
    expect(served).toEqual(['b'])
    theDesk.withdraw('c')
    theDesk.ownerReplaced('b')
    expect(served).toEqual(['b', 'd'])
    await clock.advance(100_000)
    expect(served).toEqual(['b', 'd', 'e'])
  })

  it('keeps the place of a dead worker until its replacement is ready, or for a minute', async () => {
    const { desk: theDesk, clock } = desk(1)
    theDesk.want('a', () => {})
    theDesk.ownerDied('a')
    expect(theDesk.acquire('b', ask('b'))).toBe(false)
    theDesk.ownerReplaced('a')
    expect(theDesk.acquire('b', ask('b'))).toBe(true)
    theDesk.ownerReplaced('b')
    theDesk.want('c', () => {})
    theDesk.ownerDied('c')
    await clock.advance(60_000)
    expect(theDesk.acquire('d', ask('d'))).toBe(true)
  })

  it('counts a worker that leaves without a place', () => {
    const { desk: theDesk } = desk(1)
    theDesk.recycles('a')
    expect(theDesk.acquire('b', ask('b'))).toBe(false)
  })

  it('gives nothing, and holds no timer, once it is stopped', () => {
    const { desk: theDesk, clock } = desk(1)
    theDesk.want('a', () => {})
    theDesk.want('b', () => {})
    theDesk.stop()
    expect(clock.pending).toBe(0)
    expect(theDesk.acquire('c', ask('c'))).toBe(false)
  })

  it('never has more workers in a place than it may, whatever happens', async () => {
    const owner = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const step = fc.tuple(
      fc.constantFrom('acquire', 'want', 'withdraw', 'died', 'replaced', 'wait'),
      owner,
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, cap) => {
          const { desk: theDesk, clock } = desk(cap)
          for (const [what, who] of steps) {
            if (what === 'acquire') theDesk.acquire(who, ask(who))
            else if (what === 'want') theDesk.want(who, () => {})
            else if (what === 'withdraw') theDesk.withdraw(who)
            else if (what === 'died') theDesk.ownerDied(who)
            else if (what === 'replaced') theDesk.ownerReplaced(who)
            else await clock.advance(700)
            const { recycling, waiting } = theDesk.status()
            expect(recycling.length).toBeLessThanOrEqual(cap)
            expect(new Set(waiting).size).toBe(waiting.length)
            // Nobody waits while there is a place.
            expect(waiting.length > 0 && recycling.length < cap).toBe(false)
          }
        },
      ),
    )
  })
})

describe('permits over the channel', () => {
  it('are granted, released, and let a short program end by itself', async () => {
    const { supervisor, all } = stage(program('brief'))
    await supervisor.run()
    expect(all('worker:permit-asked')).toMatchObject([{ cohort: 'brief', granted: true }])
    expect(all('worker:died')).toMatchObject([{ cause: 'stop', exitCode: 0 }])
    expect(supervisor.status().recycling).toEqual([])
  })
})
