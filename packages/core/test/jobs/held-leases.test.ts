import { describe, expect, it } from 'vitest'
import type { Lease } from '../../src/contracts/job-source.ts'
import { createHeldLeases } from '../../src/jobs/held-leases.ts'
import { memoryJobSource } from '../../src/testing/memory-job-source.ts'

const lease = (id: string): Lease => ({
  id,
  name: 'paint',
  startedAtMs: 0,
  delivery: { count: 1, interruptions: 0 },
})

describe('createHeldLeases', () => {
  it('takes the word of the job source', () => {
    const source = { ...memoryJobSource(), inFlight: () => [lease('2')] }
    const held = createHeldLeases(source, () => {})
    held.started(lease('1'))
    expect(held.now()).toEqual([lease('2')])
  })

  it('goes by what it was told while the source throws, and reports that once', () => {
    const errors: unknown[] = []
    let broken = true
    const source = {
      ...memoryJobSource(),
      inFlight: () => {
        if (broken) throw new Error('broken')
        return []
      },
    }
    const held = createHeldLeases(source, (error) => errors.push(error))
    held.started(lease('1'))
    held.started(lease('2'))
    held.settled(lease('1'))
    expect(held.now()).toEqual([lease('2')])
    expect(held.now()).toEqual([lease('2')])
    expect(errors).toHaveLength(1)
    broken = false
    expect(held.now()).toEqual([])
    broken = true
    held.now()
    expect(errors).toHaveLength(2)
  })
})
