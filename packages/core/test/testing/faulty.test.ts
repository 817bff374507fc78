import type { Reading } from '@worker-recycler/core'
import {
  fakeClock,
  fakeEnforcer,
  faulty,
  memoryJobSource,
  memoryJobStore,
  scriptedMonitor,
} from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { turns } from './broken/job-source.ts'

const options = (signal: AbortSignal = new AbortController().signal) => ({ signal })

/** Tells whether a promise has settled, without waiting for it. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  const first = await Promise.race([promise.catch(() => {}), turns(3).then(() => pending)])
  return first === pending
}

describe('members that are not named', () => {
  it('stay as they are, as do all facts', async () => {
    const clock = fakeClock()
    const good = fakeEnforcer({ stopBudgetMs: 7 })
    const { adapter } = faulty(good, { ready: { kind: 'fail' } }, { clock })
    expect(adapter.kind).toBe('enforcer')
    expect(adapter.supports).toBe(good.supports)
    expect(await adapter.stopBudget(options())).toMatchObject({ ms: 7 })
    expect(good.calls).toEqual([{ member: 'stopBudget' }])
  })
})

describe('a member that is slow', () => {
  it('begins after its time', async () => {
    const clock = fakeClock()
    const good = fakeEnforcer()
    const { adapter } = faulty(good, { ready: { kind: 'slow', ms: 100 } }, { clock })
    const ready = adapter.ready(options())
    await clock.advance(99)
    expect(good.calls).toEqual([])
    await clock.advance(1)
    await ready
    expect(good.calls).toEqual([{ member: 'ready' }])
  })

  it('gives up when its signal aborts', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const { adapter } = faulty(fakeEnforcer(), { ready: { kind: 'slow', ms: 100 } }, { clock })
    const ready = adapter.ready(options(controller.signal))
    controller.abort(new Error('Enough'))
    await expect(ready).rejects.toThrow('Enough')
    expect(clock.pending).toBe(0)
  })
})

describe('a member that fails', () => {
  it('rejects with the given error, and is not called', async () => {
    const clock = fakeClock()
    const error = new Error('Down')
    const good = fakeEnforcer()
    const { adapter } = faulty(good, { limits: { kind: 'fail', error } }, { clock })
    await expect(adapter.limits(options())).rejects.toBe(error)
    expect(good.calls).toEqual([])
  })

  it('rejects with an error of its own where none is given', async () => {
    const { adapter } = faulty(fakeEnforcer(), { ready: { kind: 'fail' } }, { clock: fakeClock() })
    await expect(adapter.ready(options())).rejects.toThrow('[faulty] ready() failed')
  })

  it('throws at once where it is synchronous', () => {
    const source = memoryJobSource({ store: memoryJobStore() })
    const { adapter } = faulty(source, { inFlight: { kind: 'fail' } }, { clock: fakeClock() })
    expect(() => adapter.inFlight()).toThrow('[faulty] inFlight() failed')
  })
})

describe('a member that hangs', () => {
  it('never ends, or ends when its signal aborts', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const { adapter } = faulty(
      fakeEnforcer(),
      { ready: { kind: 'hang', until: 'abort' }, limits: { kind: 'hang', until: 'never' } },
      { clock },
    )
    const ready = adapter.ready(options(controller.signal))
    const limits = adapter.limits(options(controller.signal))
    expect(await isPending(ready)).toBe(true)
    controller.abort(new Error('Enough'))
    await expect(ready).rejects.toThrow('Enough')
    expect(await isPending(limits)).toBe(true)
  })

  it('rejects at once when its signal had aborted', async () => {
    const { adapter } = faulty(
      fakeEnforcer(),
      { ready: { kind: 'hang', until: 'abort' } },
      { clock: fakeClock() },
    )
    await expect(adapter.ready(options(AbortSignal.abort(new Error('Late'))))).rejects.toThrow(
      'Late',
    )
  })

  it('cannot be a synchronous one', () => {
    expect(() =>
      faulty(
        memoryJobSource(),
        { throttle: { kind: 'hang', until: 'never' } },
        { clock: fakeClock() },
      ),
    ).toThrow(
      new TypeError(
        'Expected the fault of `throttle` to be of kind "fail", as it is synchronous, got "hang"',
      ),
    )
  })
})

describe('the switch', () => {
  it('takes faults away, and puts them or others in force', async () => {
    const { adapter, up, down } = faulty(
      fakeEnforcer(),
      { ready: { kind: 'fail' } },
      { clock: fakeClock() },
    )
    await expect(adapter.ready(options())).rejects.toThrow('failed')
    up()
    await adapter.ready(options())
    down()
    await expect(adapter.ready(options())).rejects.toThrow('failed')
    down({ limits: { kind: 'fail' } })
    await adapter.ready(options())
    await expect(adapter.limits(options())).rejects.toThrow('failed')
    up()
    down()
    await expect(adapter.limits(options())).rejects.toThrow('failed')
  })
})

describe('a member that gives an iterable', () => {
  const read = async (readings: AsyncIterator<Reading>) => (await readings.next()).value?.usedBytes

  it('fails at its first item', async () => {
    const clock = fakeClock()
    const { adapter } = faulty(scriptedMonitor([1]), { watch: { kind: 'fail' } }, { clock })
    const readings = adapter.watch({ clock, ...options() })[Symbol.asyncIterator]()
    await expect(readings.next()).rejects.toThrow('[faulty] watch() failed')
  })

  it('meets a fault that comes between two items', async () => {
    const clock = fakeClock()
    const { adapter, up, down } = faulty(
      scriptedMonitor([1, 2, 3]),
      { watch: { kind: 'slow', ms: 10_000 } },
      { clock },
    )
    up()
    const readings = adapter.watch({ clock, ...options() })[Symbol.asyncIterator]()
    expect(await read(readings)).toBe(1)
    down()
    const second = read(readings)
    await clock.advance(10_999)
    expect(await isPending(second)).toBe(true)
    await clock.advance(1)
    expect(await second).toBe(2)
  })

  it('that hangs ends with its signal, without an error', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const { adapter } = faulty(
      scriptedMonitor([1]),
      { watch: { kind: 'hang', until: 'abort' } },
      { clock },
    )
    const watching = adapter.watch({ clock, ...options(controller.signal) })
    const next = watching[Symbol.asyncIterator]().next()
    expect(await isPending(next)).toBe(true)
    controller.abort()
    expect((await next).done).toBe(true)
  })
})
