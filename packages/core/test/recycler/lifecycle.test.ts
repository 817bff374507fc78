import { describe, expect, it } from 'vitest'

import { isRecyclerError, RecycleAbort } from '../../src/errors.ts'
import { bench } from './bench.ts'

const reach = async (wait: () => Promise<void>, done: () => boolean) => {
  for (let turn = 0; turn < 200 && !done(); turn++) await wait()
  expect(done()).toBe(true)
}

async function working(names: readonly string[] = [], options: Parameters<typeof bench>[0] = {}) {
  const table = bench(options)
  const { recycler, source, clock } = table
  const ids = names.map((name) => source.store.enqueue(name))
  await recycler.start()
  await reach(() => clock.advance(0), () => source.inFlight().length === ids.length)
  return { ...table, ids }
}

describe('start', () => {
  it('reaches running, tells the supervisor, and is idempotent', async () => {
    const { recycler, enforcer, phases, clock } = bench()
    const [first, second] = [recycler.start(), recycler.start()]
    expect(second).toBe(first)
    await first
    expect(phases).toEqual(['created', 'starting', 'running'])
    expect(enforcer.calls.map(({ member }) => member)).toEqual([
      'stopBudget',
      'limits',
      'lastExit',
      'ready',
    ])
    const stopped = recycler.stop()
    await clock.advance(0)
    await stopped
  })

  it('refuses to start after stop', async () => {
    const { recycler } = bench()
    await recycler.stop()
    expect(recycler.phase).toBe('exited')
    await expect(recycler.start()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
  })

  it('fails when the budget does not fit into the stop budget, and leaves nothing running', async () => {
    const { recycler, clock, source, phases, last } = bench({ budget: { totalMs: 20_000 } })
    const error: unknown = await recycler.start().catch((reason: unknown) => reason)
    expect(isRecyclerError(error, 'BUDGET_TOO_LARGE')).toBe(true)
    await clock.advance(0)
    expect(phases).toEqual(['created', 'starting', 'closing', 'failed'])
    expect(last('worker:failed').error).toBe(error)
    expect(source.store.working.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('puts back what its predecessor held before it takes a job itself', async () => {
    const old = bench()
    const id = old.source.store.enqueue('paint')
    await old.recycler.start()
    await reach(() => old.clock.advance(0), () => old.source.inFlight().length === 1)
    old.source.crash()
    const { memoryJobSource } = await import('../../src/testing/memory-job-source.ts')
    const { fakeEnforcer } = await import('../../src/testing/fake-enforcer.ts')
    const source = memoryJobSource({ store: old.source.store })
    const lastExit = { cause: 'memory', identity: old.recycler.identity } as const
    const next = bench({ source, enforcer: fakeEnforcer({ lastExit }) })
    await next.recycler.start()
    await reach(() => next.clock.advance(0), () => source.inFlight().length === 1)
    expect(next.last('jobs:recovered').recovered).toMatchObject([{ id, to: 'queue' }])
    expect(source.inFlight()[0]?.delivery).toMatchObject({ interruptions: 1, lastCause: 'memory' })
  })
})

describe('recycle', () => {
  it('drains what runs, and accounts for it', async () => {
    const { recycler, source, clock, ids, phases } = await working(['paint', 'glaze'])
    const recycling = recycler.recycle({ reason: 'for a test' })
    await reach(() => clock.advance(0), () => recycler.phase === 'draining')
    expect(source.running.get(ids[0] ?? '')?.deadline.remainingMs()).toBeCloseTo(13_300, -2)
    source.finish(ids[0] ?? '')
    source.fail(ids[1] ?? '', new Error('no more paint'))
    await clock.advance(0)
    const ledger = await recycling
    expect(ledger.jobs).toEqual({ inFlight: 2, completed: 1, failed: 1, handedBack: 0, unknown: [] })
    expect(ledger.reasons).toEqual([{ code: 'application_asked', message: 'for a test' }])
    expect(ledger.running.map(({ name }) => name)).toEqual(['paint', 'glaze'])
    expect(phases.slice(2)).toEqual([
      'running',
      'requested',
      'quiescing',
      'draining',
      'closing',
      'exited',
    ])
  })

  it('is idempotent: asking again gives the same ledger', async () => {
    const { recycler, clock } = await working()
    const [first, second] = [recycler.recycle(), recycler.recycle()]
    await clock.advance(0)
    expect(await first).toBe(await second)
    expect(await recycler.recycle()).toBe(await first)
  })

  it('asks jobs to stop when the drain is over, then hands back those that ignore it', async () => {
    const { recycler, source, clock, ids, last } = await working(['stubborn', 'obedient'])
    const [stubborn = '', obedient = ''] = ids
    const contexts = ids.map((id) => source.running.get(id))
    const recycling = recycler.recycle()
    await reach(() => clock.advance(500), () => recycler.phase === 'aborting')
    const reason: unknown = contexts[0]?.signal.reason
    expect(reason).toBeInstanceOf(RecycleAbort)
    expect(reason).toMatchObject({ leaving: 'recycle' })
    source.fail(obedient, contexts[1]?.signal.reason)
    await reach(() => clock.advance(500), () => recycler.phase === 'exited')
    const { jobs } = await recycling
    expect(jobs).toMatchObject({ inFlight: 2, handedBack: 2, completed: 0, failed: 0, unknown: [] })
    expect(last('job:handed-back').lease.id).toBe(stubborn)
    expect(source.store.queue.map(({ id, interruptions }) => [id, interruptions])).toEqual(
      expect.arrayContaining([
        [stubborn, 0],
        [obedient, 0],
      ]),
    )
    // The handler ends at last: that changes nothing any more.
    source.finish(stubborn)
    await clock.advance(0)
    expect(source.store.completed.size).toBe(0)
  })
})
