import { describe, expect, it } from 'vitest'
import { isRecyclerError, RecycleAbort } from '../../src/errors.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { bench, working } from './bench.ts'

describe('start', () => {
  it('reaches running, tells the supervisor, and is idempotent', async () => {
    const { recycler, enforcer, phases } = bench()
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
    await recycler.stop()
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
    const old = await working(['paint'])
    old.source.crash()
    const source = memoryJobSource({ store: old.source.store })
    const lastExit = { cause: 'memory', identity: old.recycler.identity } as const
    const next = bench({ memory: source, enforcer: fakeEnforcer({ lastExit }) })
    await next.recycler.start()
    await next.runs(old.ids)
    const [id] = old.ids
    expect(next.last('jobs:recovered').recovered).toMatchObject([{ id, to: 'queue' }])
    expect(source.inFlight()[0]?.delivery).toMatchObject({ interruptions: 1, lastCause: 'memory' })
  })
})

describe('recycle', () => {
  it('drains what runs, and accounts for it', async () => {
    const { recycler, source, reach, ids, phases } = await working(['paint', 'glaze'])
    const [paint = '', glaze = ''] = ids
    const recycling = recycler.recycle({ reason: 'for a test' })
    await reach('draining')
    expect(source.running.get(paint)?.deadline.remainingMs()).toBeCloseTo(13_300, 6)
    source.finish(paint)
    source.fail(glaze, new Error('no more paint'))
    const ledger = await recycling
    expect(ledger.jobs).toEqual({
      inFlight: 2,
      completed: 1,
      failed: 1,
      handedBack: 0,
      unknown: [],
    })
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
    const { recycler } = await working()
    const [first, second] = [recycler.recycle(), recycler.recycle()]
    expect(await first).toBe(await second)
    expect(await recycler.recycle()).toBe(await first)
  })

  it('rejects before start', async () => {
    await expect(bench().recycler.recycle()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
  })

  it('asks jobs to stop when the drain is over, then hands back those that ignore it', async () => {
    const { recycler, source, reach, clock, ids } = await working(['stubborn', 'obedient'])
    const [stubborn = '', obedient = ''] = ids
    const contexts = ids.map((id) => source.running.get(id))
    const recycling = recycler.recycle()
    await reach('aborting', 500)
    const reason: unknown = contexts[0]?.signal.reason
    expect(reason).toBeInstanceOf(RecycleAbort)
    expect(reason).toMatchObject({ leaving: 'recycle' })
    source.fail(obedient, contexts[1]?.signal.reason)
    await reach('exited', 500)
    const { jobs } = await recycling
    expect(jobs).toMatchObject({ inFlight: 2, handedBack: 2, completed: 0, failed: 0, unknown: [] })
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
