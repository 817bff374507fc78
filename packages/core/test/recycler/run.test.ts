import { describe, expect, it } from 'vitest'
import { STOP_SIGNALS } from '../../src/process/stop-requests.ts'
import { createRecycler } from '../../src/recycler.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { fakeEnforcer } from '../../src/testing/fake-enforcer.ts'
import { faulty } from '../../src/testing/faulty.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { bench, working, type BenchOptions } from './bench.ts'

async function running(names: readonly string[] = [], options: BenchOptions = {}) {
  const table = await working(names, options)
  const run = table.recycler.run()
  const outcome = run.then(
    () => 'resolved',
    (error: unknown) => error,
  )
  return { ...table, run, outcome }
}

describe('run', () => {
  it('hears stop requests from its beginning to its end, and not a moment longer', async () => {
    const { recycler, stopRequests, clock } = bench()
    await recycler.start()
    expect(stopRequests.installed).toBe(0)
    const run = recycler.run()
    expect(stopRequests.installed).toBe(1)
    await clock.advance(0)
    stopRequests.fire()
    await run
    expect(stopRequests.installed).toBe(0)
  })

  it('starts the worker, works until a stop request, and exits with 0', async () => {
    const { recycler, stopRequests, exits, reach } = bench()
    const run = recycler.run()
    await reach('running')
    expect(exits).toEqual([])
    stopRequests.fire()
    await run
    expect(exits).toEqual([0])
    expect(recycler.phase).toBe('exited')
  })

  it('exits with 75 after a recycle, or with the code that was given', async () => {
    const usual = await running()
    await usual.recycler.recycle()
    await usual.run
    expect(usual.exits).toEqual([75])
    const given = await running([], { exitCodes: { recycle: 3 } })
    await given.recycler.recycle()
    await given.run
    expect(given.exits).toEqual([3])
    expect(given.last('worker:stopped').exitCode).toBe(3)
  })

  it('is idempotent', async () => {
    const { recycler, run, stopRequests, exits } = await running()
    expect(recycler.run()).toBe(run)
    expect(stopRequests.installed).toBe(1)
    stopRequests.fire()
    await run
    expect(recycler.run()).toBe(run)
    expect(exits).toEqual([0])
  })

  it('drains at the first stop request, aborts at the second, closes at the third', async () => {
    const { ids, source, stopRequests, clock, reach, run, exits } = await running(['endless'])
    const context = source.running.get(ids[0] ?? '')
    stopRequests.fire()
    await reach('draining')
    expect(context?.signal.aborted).toBe(false)
    stopRequests.fire()
    await reach('aborting')
    expect(context?.signal.aborted).toBe(true)
    stopRequests.fire()
    await reach('exited')
    await run
    expect(clock.nowMs()).toBe(0)
    expect(exits).toEqual([0])
    // What is left is durable, for recovery.
    expect([...source.store.working.values()].flat()).toHaveLength(1)
  })

  it('turns a recycle into a stop when one is requested meanwhile', async () => {
    const { recycler, ids, source, stopRequests, reach, run, exits } = await running(['paint'])
    void recycler.recycle()
    await reach('draining')
    stopRequests.fire()
    source.finish(ids[0] ?? '')
    await run
    expect(exits).toEqual([0])
  })

  it('stops, without a failure, when that is requested during the start', async () => {
    const clock = fakeClock()
    const hanging = { limits: { kind: 'hang', until: 'never' } } as const
    const { adapter: enforcer } = faulty(fakeEnforcer(), hanging, { clock })
    const { recycler, stopRequests, exits } = bench({ clock, enforcer })
    const run = recycler.run()
    await clock.advance(10)
    stopRequests.fire()
    await run
    expect(exits).toEqual([0])
    expect(clock.nowMs()).toBe(10)
  })

  it('rejects with the cause, and exits not, when the start fails; all is closed by then', async () => {
    const error = new Error('no such budget')
    const clock = fakeClock()
    const fake = fakeEnforcer()
    const { adapter: enforcer } = faulty(fake, { limits: { kind: 'fail', error } }, { clock })
    const { recycler, stopRequests, exits } = bench({ clock, enforcer })
    await expect(recycler.run()).rejects.toMatchObject({ code: 'ADAPTER_FAILED', cause: error })
    expect(recycler.phase).toBe('failed')
    expect(fake.calls.at(-1)?.member).toBe('stop')
    expect(exits).toEqual([])
    expect(stopRequests.installed).toBe(0)
  })

  it('rejects with the cause when the job source cannot go on', async () => {
    const { source, recycler, reach, outcome, exits, stopRequests } = await running(['paint'])
    source.store.recover({ identity: recycler.identity, cause: 'unknown' })
    source.store.enqueue('glaze')
    await reach('failed', 1000)
    expect(await outcome).toMatchObject({ code: 'FENCED' })
    expect(exits).toEqual([])
    expect(stopRequests.installed).toBe(0)
  })

  it('exits at once where the worker was stopped before', async () => {
    const { recycler, exits } = bench()
    await recycler.stop()
    await recycler.run()
    expect(exits).toEqual([0])
  })
})

describe('start and stop on the real process', () => {
  const counts = () => [
    ...STOP_SIGNALS.map((name) => process.listenerCount(name)),
    process.listenerCount('exit'),
    process.listenerCount('beforeExit'),
    process.listenerCount('uncaughtException'),
  ]

  it('install no handler and do not exit; run() puts on one for each signal', async () => {
    const before = counts()
    const exits: number[] = []
    const exit = (code: number) => exits.push(code)
    const recycler = createRecycler({ source: memoryJobSource(), exit })
    expect(counts()).toEqual(before)
    await recycler.start()
    expect(counts()).toEqual(before)
    const run = recycler.run()
    expect(counts().slice(0, 2)).toEqual(before.slice(0, 2).map((count) => count + 1))
    process.emit('SIGTERM', 'SIGTERM')
    await run
    expect(counts()).toEqual(before)
    expect(exits).toEqual([0])
    const stopped = createRecycler({ source: memoryJobSource(), exit })
    await stopped.start()
    await stopped.stop()
    expect(counts()).toEqual(before)
    expect(exits).toEqual([0])
  })
})
