import { rescueFor, type RescueStrategies } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'

const job = (name: string, interruptions: number) => ({
  name,
  delivery: { count: interruptions + 1, interruptions },
})

describe('the rescue of a job', () => {
  const strategies: RescueStrategies = { default: 'fail', byName: { paint: 'hold', glaze: 'skip' } }

  it('goes by its name', () => {
    expect(rescueFor(strategies, job('paint', 1))).toBe('hold')
    expect(rescueFor(strategies, job('glaze', 2))).toBe('skip')
  })

  it('is the default for a name that is not listed', () => {
    expect(rescueFor(strategies, job('polish', 1))).toBe('fail')
  })

  it('is a retry where nothing is said', () => {
    expect(rescueFor({}, job('paint', 1))).toBe('retry')
    expect(rescueFor({ byName: {} }, job('paint', 1))).toBe('retry')
  })

  it('is a retry for a job that was never interrupted, whatever its strategy', () => {
    expect(rescueFor(strategies, job('paint', 0))).toBe('retry')
  })

  it('is a retry for a job that ran before without an interruption', () => {
    const again = { name: 'paint', delivery: { count: 3, interruptions: 0 } }
    expect(rescueFor(strategies, again)).toBe('retry')
  })

  it('is not taken from what every object has', () => {
    expect(rescueFor(strategies, job('constructor', 1))).toBe('fail')
  })
})
