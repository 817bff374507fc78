import { createDeadline } from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'

describe('the deadline of the jobs of a worker', () => {
  it('is unlimited until it is set', async () => {
    const clock = fakeClock()
    const deadline = createDeadline(clock)
    await clock.advance(1e9)
    expect(deadline.remainingMs()).toBe(Infinity)
  })

  it('comes nearer, and is never negative', async () => {
    const clock = fakeClock()
    const deadline = createDeadline(clock)
    await clock.advance(50)
    deadline.set(150)
    expect(deadline.remainingMs()).toBe(100)
    await clock.advance(60)
    expect(deadline.remainingMs()).toBe(40)
    await clock.advance(60)
    expect(deadline.remainingMs()).toBe(0)
  })

  it('can be brought forward, but not put off', () => {
    const deadline = createDeadline(fakeClock())
    deadline.set(100)
    deadline.set(200)
    expect(deadline.remainingMs()).toBe(100)
    deadline.set(30)
    expect(deadline.remainingMs()).toBe(30)
  })

  it('is not moved by a jump of the wall-clock time', () => {
    const clock = fakeClock()
    const deadline = createDeadline(clock)
    deadline.set(100)
    clock.jumpEpoch(3_600_000)
    expect(deadline.remainingMs()).toBe(100)
  })
})
