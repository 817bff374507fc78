import { describe, expect, it } from 'vitest'
import { afterDeath } from '../../src/jobs/after-death.ts'
import type { JobHistory } from '../../src/jobs/job-history.ts'
import type { DeathCause } from '../../src/ledger/death.ts'

const fresh: JobHistory = {
  failures: 0,
  interruptions: 0,
  blamed: 0,
  suspect: false,
}
const die = (job: JobHistory, cause: DeathCause, held = 1, max = 3) =>
  afterDeath(job, { cause, held }, max)

describe('after a death', () => {
  it.each(['recycle', 'stop'] as const)('%s leaves the job as it was', (cause) => {
    const tried = { ...fresh, blamed: 2, interruptions: 2 }
    expect(die(tried, cause, 5)).toEqual({ to: 'queue', job: tried })
  })

  it.each(['signal', 'crash', 'unknown'] as const)(
    '%s counts one for each job held, and the third one ends in quarantine',
    (cause) => {
      const once = die(fresh, cause, 5)
      expect(once).toMatchObject({
        to: 'queue',
        job: { interruptions: 1, blamed: 1, lastCause: cause, suspect: false },
      })
      const twice = die(once.job, cause, 5)
      expect(twice.to).toBe('queue')
      expect(die(twice.job, cause, 5)).toMatchObject({ to: 'quarantine', job: { blamed: 3 } })
    },
  )

  it('memory blames a job that ran alone, and makes it the suspect', () => {
    expect(die(fresh, 'memory')).toMatchObject({
      to: 'queue',
      job: { interruptions: 1, blamed: 1, suspect: true },
    })
  })

  it('memory blames none of several: all are suspects, and their history tells of it', () => {
    expect(die({ ...fresh, blamed: 2 }, 'memory', 2)).toMatchObject({
      to: 'queue',
      job: { interruptions: 1, blamed: 2, suspect: true, lastCause: 'memory' },
    })
  })

  it('memory sends a suspect that did it again, alone, to quarantine', () => {
    const suspect = die(fresh, 'memory', 4).job
    expect(die(suspect, 'memory', 1, Infinity).to).toBe('quarantine')
  })

  it('another death of a suspect counts as usual, and it stays a suspect', () => {
    const suspect = die(fresh, 'memory', 4).job
    expect(die(suspect, 'crash')).toMatchObject({ to: 'queue', job: { suspect: true, blamed: 1 } })
  })
})
