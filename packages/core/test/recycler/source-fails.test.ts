import { describe, expect, it } from 'vitest'
import type { JobSource } from '../../src/contracts/job-source.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { bench, working } from './bench.ts'
import { handSource, obeysAfter } from './hand-source.ts'

const error = new Error('no connection')

describe('a job source that cannot go on', () => {
  it('while it works makes the worker leave as failed, through drain and hand-back', async () => {
    const clock = fakeClock()
    const source = handSource()
    const table = bench({ clock, source })
    await table.recycler.start()
    source.bring('obedient', { handle: obeysAfter(100, clock) })
    source.bring('stubborn')
    source.fail(error)
    source.fail(new Error('again'))
    await table.reach('failed', 50)
    expect(table.phases.slice(2)).toEqual([
      'running',
      'quiescing',
      'draining',
      'aborting',
      'handingBack',
      'closing',
      'failed',
    ])
    expect(table.all('worker:failed')).toEqual([{ error }])
    const { ledger, exitCode } = table.last('worker:stopped')
    expect(ledger).toMatchObject({
      leaving: 'failure',
      reasons: [{ code: 'failed', message: 'no connection' }],
      jobs: { inFlight: 2, handedBack: 2 },
      recycles: [],
    })
    expect(exitCode).toBe(1)
    expect(table.names()).not.toContain('recycle:finished')
  })

  it('as it was fenced leaves its jobs to whoever recovered them', async () => {
    const { source, recycler, ids, reach, last } = await working(['endless'])
    const { store } = source
    store.recover({ identity: recycler.identity, cause: 'unknown' })
    store.enqueue('glaze')
    // The next claim tells the worker that it was declared dead.
    source.finish(ids[0] ?? '')
    await reach('failed', 50)
    const { jobs } = last('worker:stopped').ledger
    expect(jobs.completed).toBe(0)
    expect(jobs.inFlight).toBe(jobs.handedBack + jobs.unknown.length)
    expect(store.completed.size).toBe(0)
  })

  it('while the worker leaves anyway changes nothing, but is not lost', async () => {
    const source = handSource()
    const table = bench({ source })
    await table.recycler.start()
    source.bring('stubborn')
    const recycling = table.recycler.recycle()
    await table.reach('draining')
    source.fail(error)
    await table.reach('exited', 50)
    expect((await recycling).leaving).toBe('recycle')
    expect(table.all('adapter:failed')).toEqual([{ adapter: 'hand', call: 'failed', error }])
  })

  it('while it starts makes the start fail with its cause', async () => {
    const inner = handSource()
    const source: JobSource = {
      ...inner,
      start: async (context, options) => {
        await inner.start(context, options)
        inner.fail(error)
        await new Promise(() => {})
      },
    }
    const { recycler, reach, last, clock } = bench({ source })
    await expect(recycler.start()).rejects.toBe(error)
    await reach('failed')
    expect(last('worker:failed').error).toBe(error)
    expect(last('worker:stopped').ledger.reasons).toMatchObject([{ code: 'failed' }])
    expect(clock.nowMs()).toBe(0)
  })
})

describe('a start that fails when jobs run already', () => {
  const halfStarted = () => {
    const inner = handSource()
    const source: JobSource = {
      ...inner,
      start: async (context, options) => {
        await inner.start(context, options)
        inner.bring('early')
        await new Promise(() => {})
      },
    }
    return { ...bench({ source, startMs: 1000 }), source: inner }
  }

  it('hands them back', async () => {
    const { recycler, reach, last, source } = halfStarted()
    const started = recycler.start().catch((reason: unknown) => reason)
    await reach('failed', 50)
    expect(await started).toMatchObject({ code: 'TIMED_OUT' })
    expect(source.handedBack).toEqual([{ id: 'early', outcome: 'handedBack' }])
    expect(last('worker:stopped').ledger).toMatchObject({ jobs: { inFlight: 1, handedBack: 1 } })
  })

  it('hands them back on a stop request, too, which is no failure', async () => {
    const { recycler, reach, last, clock } = halfStarted()
    const started = recycler.start().catch((reason: unknown) => reason)
    await clock.advance(10)
    void recycler.stop()
    await reach('exited', 50)
    expect(await started).toMatchObject({ code: 'ILLEGAL_PHASE' })
    expect(last('worker:stopped').ledger).toMatchObject({
      leaving: 'stop',
      reasons: [{ code: 'stop_requested' }],
      jobs: { inFlight: 1, handedBack: 1 },
    })
  })
})
