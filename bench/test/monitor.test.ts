import { describe, expect, it } from 'vitest'
import { handClock } from '../monitor/hand-clock.ts'
import { createHearing } from '../monitor/hearing.ts'

describe('hearing', () => {
  it('finds what was heard before anybody asked, and nothing older', async () => {
    const { heard, firstAfter } = createHearing()
    heard(5)
    heard(20)
    heard(30)
    expect(await firstAfter(10, 60_000)).toBe(20)
  })

  it('waits for what is heard later', async () => {
    const { heard, firstAfter } = createHearing()
    const first = firstAfter(10, 60_000)
    heard(9)
    heard(11)
    expect(await first).toBe(11)
  })

  it('gives up when its time is over', async () => {
    expect(await createHearing().firstAfter(10, 0)).toBe(undefined)
  })
})

describe('the hand clock', () => {
  it('moves from timer to timer', () => {
    const clock = handClock()
    const calls: number[] = []
    const next = () => {
      calls.push(clock.nowMs())
      if (calls.length < 3) clock.setTimer(50, next)
    }
    clock.setTimer(1000, next)
    for (let tick = 0; tick < 3; tick++) clock.tick()
    expect(calls).toEqual([1000, 1050, 1100])
    expect(clock.tick).toThrow('No timer waits')
  })
})
