import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { faulty, type Fault, type Faults } from '../../src/testing/faulty.ts'
import { memoryJobSource, type MemoryJobSource } from '../../src/testing/memory-job-source.ts'
import { working } from './bench.ts'

const FAULTS: Readonly<Record<string, Fault>> = {
  throws: { kind: 'fail' },
  hangs: { kind: 'hang', until: 'abort' },
  'hangs and ignores its signal': { kind: 'hang', until: 'never' },
  'is late': { kind: 'slow', ms: 100_000 },
}

/** Starts a worker with two jobs; then its source breaks. */
async function broken(faults: Faults<MemoryJobSource>) {
  const clock = fakeClock()
  const memory = memoryJobSource({ concurrency: 4 })
  const { adapter, down } = faulty(memory, {}, { clock })
  const table = await working(['paint', 'glaze'], { clock, memory, source: adapter })
  down(faults)
  return table
}

describe('a job source that breaks', () => {
  it('has its jobs handed back though it cannot tell which they are', async () => {
    const { recycler, reach, source, failedCalls } = await broken({ inFlight: { kind: 'fail' } })
    const recycling = recycler.recycle()
    await reach('exited', 100)
    expect(source.store.queue).toHaveLength(2)
    expect((await recycling).jobs).toMatchObject({ inFlight: 2, handedBack: 2, unknown: [] })
    expect(failedCalls()).toEqual(['memory.inFlight'])
  })

  it('has its jobs handed back though abort() throws', async () => {
    const { recycler, reach, failedCalls } = await broken({ abort: { kind: 'fail' } })
    const recycling = recycler.recycle()
    await reach('exited', 100)
    expect((await recycling).jobs).toMatchObject({ inFlight: 2, handedBack: 2 })
    expect(failedCalls()).toEqual(['memory.abort', 'memory.abort'])
  })

  for (const [how, fault] of Object.entries(FAULTS)) {
    it(`has its jobs handed back within the budget though stop() ${how}`, async () => {
      const { recycler, reach, since, failedCalls } = await broken({ stop: fault })
      const recycling = recycler.recycle()
      await reach('exited', 50)
      expect(since('exited')).toBeLessThanOrEqual(19_000)
      expect((await recycling).jobs).toMatchObject({ inFlight: 2, handedBack: 2, unknown: [] })
      expect(failedCalls()).toEqual(['memory.stop'])
    })

    // It goes on fetching, and so takes again what it has handed back: once, not for ever.
    it(`has its jobs handed back within the budget though quiesce() ${how}`, async () => {
      const { recycler, reach, since, source, all, failedCalls } = await broken({ quiesce: fault })
      const recycling = recycler.recycle()
      await reach('exited', 50)
      expect(since('exited')).toBeLessThanOrEqual(19_000)
      expect(since('handingBack')).toBe(16_150)
      expect(all('job:handed-back')).toHaveLength(2)
      const { jobs } = await recycling
      expect(jobs.inFlight).toBe(jobs.handedBack + jobs.unknown.length)
      expect([...source.store.working.values(), source.store.queue].flat()).toHaveLength(2)
      expect(failedCalls()).toEqual(['memory.quiesce'])
    })

    it(`loses no job though handBack() ${how}: the ledger names what recovery will find`, async () => {
      const { recycler, reach, since, source, ids, failedCalls } = await broken({ handBack: fault })
      const recycling = recycler.recycle()
      await reach('exited', 50)
      expect(since('exited')).toBeLessThanOrEqual(19_000)
      const { jobs } = await recycling
      expect(jobs).toMatchObject({ inFlight: 2, handedBack: 0 })
      expect(jobs.unknown.map(({ id }) => id)).toEqual(ids)
      expect(failedCalls()).toEqual(['memory.handBack', 'memory.handBack'])
      expect([...source.store.working.values()].flat()).toHaveLength(2)
    })
  }

  it('hands back every job but the one that cannot be', async () => {
    const clock = fakeClock()
    const memory = memoryJobSource({ concurrency: 4 })
    const source = {
      ...memory,
      handBack: (...[lease, options]: Parameters<typeof memory.handBack>) =>
        lease.name === 'glaze' ? new Promise<never>(() => {}) : memory.handBack(lease, options),
    }
    const table = await working(['paint', 'glaze', 'dry'], { clock, memory, source })
    const recycling = table.recycler.recycle()
    await table.reach('exited', 50)
    expect((await recycling).jobs).toMatchObject({ inFlight: 3, handedBack: 2 })
    expect(table.all('job:handed-back').map(({ lease }) => lease.name)).toEqual(['paint', 'dry'])
  })

  it('and was fenced keeps the ledger honest: what is not its own is unknown', async () => {
    const { recycler, reach, source, ids } = await broken({})
    source.store.recover({ identity: recycler.identity, cause: 'unknown' })
    const recycling = recycler.recycle()
    await reach('exited', 50)
    const { jobs } = await recycling
    expect(jobs).toMatchObject({ inFlight: 2, completed: 0, handedBack: 0 })
    expect(jobs.unknown.map(({ id }) => id)).toEqual(ids)
  })
})
