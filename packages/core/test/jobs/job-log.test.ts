import { describe, expect, it } from 'vitest'
import type { JobOutcome, Lease } from '../../src/contracts/job-source.ts'
import { createJobLog } from '../../src/jobs/job-log.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

const lease = (id: string): Lease => ({
  id,
  name: 'paint',
  startedAtMs: 0,
  delivery: { count: 1, interruptions: 0 },
})

describe('createJobLog', () => {
  it('counts nothing before it is opened', () => {
    const log = createJobLog(fakeClock())
    log.started(lease('1'))
    log.settled(lease('1'), 'completed')
    log.open([])
    expect(log.report()).toMatchObject({ inFlight: 0, completed: 0 })
  })

  it('counts each job once, whoever tells of it first, and those that come late', async () => {
    const clock = fakeClock()
    const log = createJobLog(clock)
    log.open([lease('1'), lease('2'), lease('3')])
    log.open([lease('9')])
    log.started(lease('1'))
    log.started(lease('4'))
    const ends: readonly (readonly [string, JobOutcome])[] = [
      ['1', 'completed'],
      ['1', 'completed'],
      ['2', 'fenced'],
      ['3', 'handedBack'],
      ['8', 'failed'],
    ]
    for (const [id, outcome] of ends) log.settled(lease(id), outcome)
    await clock.advance(500)
    expect(log.report()).toEqual({
      inFlight: 4,
      completed: 1,
      failed: 0,
      handedBack: 1,
      unknown: [
        { id: '2', name: 'paint', ageMs: 500 },
        { id: '4', name: 'paint', ageMs: 500 },
      ],
    })
  })
})
