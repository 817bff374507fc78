import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { faulty, type Faults } from '../../src/testing/faulty.ts'
import { memoryJobSource, type MemoryJobSource } from '../../src/testing/memory-job-source.ts'
import { working } from './bench.ts'

/** Starts a worker with two jobs; then its source breaks. */
async function broken(faults: Faults<MemoryJobSource>) {
  const clock = fakeClock()
  const memory = memoryJobSource({ concurrency: 4 })
  const { adapter, down, up } = faulty(memory, {}, { clock })
  const table = await working(['paint', 'glaze'], { clock, memory, source: adapter })
  down(faults)
  return { ...table, up }
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
})
