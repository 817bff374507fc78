import { describe, expect, it } from 'vitest'
import { audit, type AuditInput } from '../src/audit.ts'
import type { Mark } from '../src/evidence.ts'

/** `+a` started a, `-a` completed it; one tick each, on one time line over all workers. */
function evidence(...workers: { identity: string; fromMs: number; marks: string }[]) {
  return workers.map(({ identity, fromMs, marks }) => ({
    identity,
    marks: marks.split(' ').map((text, index): Mark => ({
      what: text.startsWith('+') ? 'started' : 'completed',
      id: text.slice(1),
      name: 'email',
      atEpochMs: fromMs + index,
    })),
  }))
}

const judge = (input: Partial<AuditInput>) =>
  audit({
    enqueued: ['a', 'b'],
    evidence: [],
    deaths: [],
    concurrency: 1,
    deathToRequeueMs: [],
    ...input,
  })
const killed = (identity: string) => ({ identity, killed: true, recycled: false })
const recycled = (identity: string) => ({ identity, killed: false, recycled: true })

describe('audit', () => {
  it('counts what was completed once', () => {
    const result = judge({
      evidence: evidence({ identity: 'w1', fromMs: 0, marks: '+a -a +b -b' }),
    })
    expect(result).toMatchObject({
      enqueued: 2,
      completed: 2,
      lost: 0,
      completedTwice: 0,
      rerun: 0,
    })
  })

  it('finds a job that nobody completed', () => {
    const result = judge({ evidence: evidence({ identity: 'w1', fromMs: 0, marks: '+a -a +b' }) })
    expect(result).toMatchObject({ completed: 1, lost: 1 })
  })

  it('excuses a second run of what a killed worker had in its hands', () => {
    const result = judge({
      evidence: evidence(
        { identity: 'w1', fromMs: 0, marks: '+a -a +b' },
        { identity: 'w2', fromMs: 10, marks: '+b -b' },
      ),
      deaths: [killed('w1')],
    })
    expect(result).toMatchObject({ lost: 0, completedTwice: 0, rerun: 1, recovered: 1, kills: 1 })
  })

  it('excuses one that was killed before it could acknowledge', () => {
    const result = judge({
      evidence: evidence(
        { identity: 'w1', fromMs: 0, marks: '+a -a +b -b' },
        { identity: 'w2', fromMs: 10, marks: '+b -b' },
      ),
      deaths: [killed('w1')],
    })
    expect(result).toMatchObject({ completedTwice: 0, rerun: 1, recovered: 1 })
  })

  it('finds a job that was completed again although its worker had gone on', () => {
    const result = judge({
      evidence: evidence(
        { identity: 'w1', fromMs: 0, marks: '+a -a +b -b' },
        { identity: 'w2', fromMs: 10, marks: '+a -a' },
      ),
      deaths: [killed('w1')],
    })
    expect(result.completedTwice).toBe(1)
  })

  it('finds a job that two living workers completed', () => {
    const result = judge({
      evidence: evidence(
        { identity: 'w1', fromMs: 0, marks: '+a -a +b -b' },
        { identity: 'w2', fromMs: 1, marks: '+b -b' },
      ),
    })
    expect(result.completedTwice).toBe(1)
  })

  it('tells a hand-back from a kill', () => {
    const result = judge({
      evidence: evidence(
        { identity: 'w1', fromMs: 0, marks: '+a -a +b' },
        { identity: 'w2', fromMs: 10, marks: '+b -b' },
      ),
      deaths: [recycled('w1')],
    })
    expect(result).toMatchObject({ handedBack: 1, rerun: 0, recovered: 0, recycles: 1, kills: 0 })
  })

  it('gives percentiles of the time from death to requeue', () => {
    const deathToRequeueMs = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(judge({ deathToRequeueMs }).deathToRequeueMs).toEqual({ p50: 50, p95: 95, max: 100 })
    expect(judge({}).deathToRequeueMs).toEqual({ p50: 0, p95: 0, max: 0 })
  })
})
