import { createDeadline, createIdentity, RecycleAbort, silentLogger } from '@worker-recycler/core'
import type { JobOutcome, JobSource, Reading } from '@worker-recycler/core'
import {
  fakeClock,
  fakeEnforcer,
  memoryJobSource,
  memoryJobStore,
  scriptedMonitor,
} from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'
import { turns } from './broken/job-source.ts'

const { signal } = new AbortController()

async function started(source: JobSource) {
  const clock = fakeClock()
  const ends: [string, JobOutcome][] = []
  await source.start(
    {
      identity: createIdentity(),
      clock,
      logger: silentLogger,
      deadline: createDeadline(clock),
      jobStarted: () => {},
      jobSettled: ({ id }, outcome) => ends.push([id, outcome]),
      failed: () => {},
    },
    { signal },
  )
  return ends
}

describe('a memory job source', () => {
  it('runs jobs without a handler until they are ended by hand', async () => {
    const source = memoryJobSource({ concurrency: 2 })
    const ends = await started(source)
    const [one, other] = [source.store.enqueue('paint'), source.store.enqueue('paint')]
    await turns(2)
    expect([...source.running.keys()]).toEqual([one, other])
    source.finish(other)
    source.fail(one, new Error('The paint has dried'))
    await turns(2)
    expect(ends).toEqual([
      [other, 'completed'],
      [one, 'failed'],
    ])
    expect(source.running.size).toBe(0)
    expect([...source.store.completed]).toEqual([[other, 1]])
    expect(source.store.failed.map(({ id }) => id)).toEqual([one])
    await source.stop({ signal })
  })

  it('shows the signals of those jobs', async () => {
    const source = memoryJobSource()
    await started(source)
    const id = source.store.enqueue('paint')
    await turns(2)
    const [lease] = source.inFlight()
    source.abort(lease!, new RecycleAbort('stop', [], 5))
    expect(source.running.get(id)?.signal.aborted).toBe(true)
    source.finish(id)
  })

  it('says which job it does not run', () => {
    expect(() => memoryJobSource().finish('7')).toThrow(
      new TypeError('Expected `id` to be a job that runs without a handler, got 7'),
    )
  })

  it('shares its store with others', async () => {
    const store = memoryJobStore()
    const sources = [memoryJobSource({ store }), memoryJobSource({ store })]
    for (const source of sources) await started(source)
    store.enqueue('paint')
    store.enqueue('paint')
    await turns(2)
    expect(sources.map((source) => source.running.size)).toEqual([1, 1])
  })

  it('that crashed leaves its jobs, and hears no more of the store', async () => {
    const store = memoryJobStore()
    const source = memoryJobSource({ store })
    const ends = await started(source)
    const id = store.enqueue('paint')
    await turns(2)
    source.crash()
    source.finish(id)
    store.enqueue('paint')
    await turns(3)
    expect(ends).toEqual([])
    expect([...store.working.values()].flat().map((job) => job.id)).toEqual([id])
    expect(store.queue.length).toBe(1)
    await source.stop({ signal })
    expect(store.working.size).toBe(1)
  })
})

describe('a memory job store', () => {
  it('puts jobs into quarantine that were interrupted too often', () => {
    const store = memoryJobStore({ quarantineAfter: 2 })
    const id = store.enqueue('paint')
    for (const to of ['queue', 'quarantine']) {
      const identity = createIdentity()
      store.register(identity)
      store.claim(identity)
      expect(store.recover({ identity, cause: 'crash' })).toEqual([
        { id, name: 'paint', from: identity, to },
      ])
    }
    expect(store.quarantine).toMatchObject([{ id, interruptions: 2, lastCause: 'crash' }])
    expect(store.queue).toEqual([])
  })

  it('refuses an identity that was used before', () => {
    const store = memoryJobStore()
    store.register('host:1:c0ffee')
    expect(() => store.register('host:1:c0ffee')).toThrow('an identity is used once')
  })
})

describe('a fake enforcer', () => {
  it('records calls in their order, with what they were told', async () => {
    const enforcer = fakeEnforcer({ extendStopMs: 300, headroomBytes: 20 })
    const notice = { reasons: [], leaving: 'stop', budgetMs: 9 } as const
    await enforcer.ready({ signal })
    await enforcer.stopping(notice, { signal })
    expect(await enforcer.extendStop?.(500, { signal })).toBe(300)
    expect(await enforcer.grantHeadroom?.({ bytes: 10, forMs: 1 }, { signal })).toBe(10)
    expect(enforcer.calls).toEqual([
      { member: 'ready' },
      { member: 'stopping', argument: notice },
      { member: 'extendStop', argument: 500 },
      { member: 'grantHeadroom', argument: { bytes: 10, forMs: 1 } },
    ])
  })

  it('keeps a request until somebody listens', async () => {
    const enforcer = fakeEnforcer()
    enforcer.push({ kind: 'stop' })
    const requests = enforcer.requests?.({ signal })[Symbol.asyncIterator]()
    expect((await requests?.next())?.value).toEqual({ kind: 'stop' })
  })
})

describe('a scripted monitor', () => {
  it('yields its readings at their times, then is silent until it is told to stop', async () => {
    const clock = fakeClock()
    const controller = new AbortController()
    const monitor = scriptedMonitor([10, { afterMs: 5, reading: { metric: 'x', usedBytes: 20 } }], {
      name: 'script',
    })
    const seen: Reading[] = []
    const watching = (async () => {
      for await (const reading of monitor.watch({ clock, signal: controller.signal })) {
        seen.push(reading)
      }
    })()
    await clock.advance(100)
    expect(seen).toEqual([
      { monitor: 'script', metric: 'test.used', atMs: 0, usedBytes: 10 },
      { monitor: 'script', metric: 'x', atMs: 5, usedBytes: 20 },
    ])
    controller.abort()
    await watching
  })

  it('fails where its script says so', async () => {
    const clock = fakeClock()
    const monitor = scriptedMonitor([{ error: new Error('Gone') }])
    const readings = monitor.watch({ clock, signal })[Symbol.asyncIterator]()
    await expect(readings.next()).rejects.toThrow('Gone')
  })
})
