import { describe, expect, it } from 'vitest'
import type { JobSource } from '../../src/contracts/job-source.ts'
import { isRecyclerError } from '../../src/errors.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { faulty } from '../../src/testing/faulty.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'
import { bench } from './bench.ts'
import { pressing } from './pressing.ts'

/** A memory source that records by how much it was throttled. */
function recording() {
  const memory = memoryJobSource({ concurrency: 4 })
  const shares: number[] = []
  const source: JobSource = {
    ...memory,
    throttle: (share) => {
      shares.push(share)
      memory.throttle?.(share)
    },
  }
  return { memory, source, shares }
}

describe('the throttle', () => {
  it('takes fewer jobs from the first sign of elevated memory until it is gone', async () => {
    const { memory, source, shares } = recording()
    const { press } = await pressing([], { memory, source, elevatedShare: 0.5 })
    await press(100)
    expect(shares).toEqual([])
    await press(750)
    await press(780)
    expect(shares).toEqual([0.5])
    for (let count = 0; count < 4; count++) memory.store.enqueue('paint')
    await press(750)
    expect(memory.inFlight()).toHaveLength(2)
    await press(100)
    expect(shares).toEqual([0.5, 1])
    expect(memory.inFlight()).toHaveLength(4)
  })

  it('stays in force while a recycle is wanted and must wait', async () => {
    const { memory, source, shares } = recording()
    const { press, hold } = await pressing([], { memory, source, elevatedShare: 0.5 })
    hold('breaker')
    await press(850)
    await press(750)
    expect(shares).toEqual([0.5])
  })

  it('is not touched unless a share is given', async () => {
    const { memory, source, shares } = recording()
    const { press, recycler } = await pressing([], { memory, source })
    await press(750)
    expect(recycler.phase).toBe('elevated')
    await press(100)
    expect(shares).toEqual([])
  })

  it('is not touched where the recycler only observes', async () => {
    const { memory, source, shares } = recording()
    const given = { memory, source, elevatedShare: 0.5, mode: 'observe' } as const
    const { press, recycler } = await pressing([], given)
    await press(750)
    expect(recycler.phase).toBe('elevated')
    await press(850)
    await press(100)
    expect(shares).toEqual([])
  })

  it('costs nothing when it throws', async () => {
    const clock = fakeClock()
    const memory = memoryJobSource({ concurrency: 4 })
    const source = faulty(memory, { throttle: { kind: 'fail' } }, { clock }).adapter
    const given = { clock, memory, source, elevatedShare: 0.5 }
    const { press, recycler, failedCalls } = await pressing([], given)
    await press(750)
    expect(failedCalls()).toEqual(['memory.throttle'])
    expect(recycler.phase).toBe('elevated')
    await press(950)
    expect(recycler.phase).toBe('exited')
  })

  it('is refused at construction where the source has none', () => {
    const memory = memoryJobSource()
    const source = { ...memory, supports: { ...memory.supports, throttle: false } }
    let thrown: unknown
    try {
      bench({ memory, source, elevatedShare: 0.5 })
    } catch (error) {
      thrown = error
    }
    expect(isRecyclerError(thrown, 'ADAPTER_REFUSED')).toBe(true)
    expect(String(thrown)).toMatch(/\[memory\] .*elevatedShare/)
  })
})
