import { describe, expect, it } from 'vitest'
import { noteDecision, writeLedger } from '../../src/ledger/write-ledger.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

const clock = fakeClock({ epochMs: 5000 })
const reading = (usedBytes?: number, metric = 'used') => ({
  monitor: 'one',
  metric,
  atMs: 0,
  ...(usedBytes !== undefined && { usedBytes }),
})
const jobs = { inFlight: 0, completed: 0, failed: 0, handedBack: 0, unknown: [] }
const parts = {
  identity: 'a:1:abcdef',
  uptimeMs: 1,
  jobs,
  phases: [],
  growthByJob: [],
  endedAtEpochMs: 6000,
  earlier: [],
}

describe('writeLedger', () => {
  it('takes the reading that led to the recycle as memory before', () => {
    const decision = noteDecision(clock, [], [reading(1, 'other'), reading(900)], [], reading(900))
    const ledger = writeLedger(decision, { ...parts, leaving: 'recycle', urgency: 'soft' })
    expect(ledger).toMatchObject({ beforeBytes: 900, urgency: 'soft', decidedAtEpochMs: 5000 })
    expect(ledger.recycles).toEqual([{ atEpochMs: 5000, series: 'one/used', beforeBytes: 900 }])
  })

  it('takes the first that measured memory where none led to it', () => {
    const decision = noteDecision(
      clock,
      [],
      [reading(undefined, 'stall'), reading(7)],
      [],
      undefined,
    )
    expect(writeLedger(decision, { ...parts, leaving: 'stop' }).beforeBytes).toBe(7)
  })

  it('records no recycle where memory was not measured, nor for a stop', () => {
    const blind = noteDecision(clock, [], [], [], undefined)
    expect(writeLedger(blind, { ...parts, leaving: 'recycle' })).not.toHaveProperty('beforeBytes')
    expect(writeLedger(blind, { ...parts, leaving: 'recycle' }).recycles).toEqual([])
    const seen = noteDecision(clock, [], [reading(7)], [], undefined)
    const stopped = writeLedger(seen, { ...parts, leaving: 'stop', urgency: 'hard' })
    expect(stopped.recycles).toEqual([])
    expect(stopped).not.toHaveProperty('urgency')
  })
})
