import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { bench } from './bench.ts'
import { handSource, obeysAfter, takes, type HandJob } from './hand-source.ts'

const ENDS = ['completes', 'fails', 'obeys', 'ignores'] as const
const BACKS = ['handedBack', 'throws', 'hangs', 'fenced', 'late'] as const

/** When a job comes, how it ends, and what becomes of its hand-back. */
const anyJob = fc.record({
  comesAtMs: fc.integer({ min: 0, max: 18_000 }),
  end: fc.constantFrom(...ENDS),
  afterMs: fc.integer({ min: 0, max: 20_000 }),
  back: fc.constantFrom(...BACKS),
})

type AnyJob = typeof anyJob extends fc.Arbitrary<infer Job> ? Job : never

function jobOf({ end, afterMs, back }: AnyJob, clock: ReturnType<typeof fakeClock>): HandJob {
  const handles = {
    completes: takes(afterMs, clock),
    fails: takes(afterMs, clock, new Error('failed')),
    obeys: obeysAfter(Math.min(afterMs, 3000), clock),
    ignores: () => new Promise<never>(() => {}),
  }
  const backs = {
    handedBack: async () => 'handedBack' as const,
    fenced: async () => 'fenced' as const,
    throws: () => Promise.reject(new Error('no connection')),
    hangs: () => new Promise<never>(() => {}),
    late: () =>
      new Promise<'handedBack'>((resolve) => void clock.setTimer(900, () => resolve('handedBack'))),
  }
  return { handle: handles[end], putBack: backs[back] }
}

describe('the ledger', () => {
  it('accounts for each job once, whatever jobs and hand-backs do, and the budget is kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyJob, { maxLength: 12 }), async (jobs) => {
        const clock = fakeClock()
        const source = handSource()
        const { recycler, all, since, reach } = bench({ clock, source })
        await recycler.start()
        const brought: string[] = []
        jobs.forEach((job, index) => {
          const bring = () => {
            if (recycler.phase === 'closing' || recycler.phase === 'exited') return
            brought.push(String(index))
            source.bring(String(index), jobOf(job, clock))
          }
          // Half of them run before the worker leaves, the others are brought by late fetches.
          if (index % 2 === 0) bring()
          else clock.setTimer(job.comesAtMs, bring)
        })
        const recycling = recycler.recycle()
        await reach('exited', 100)
        const { inFlight, completed, failed, handedBack, unknown } = (await recycling).jobs
        expect(inFlight).toBe(completed + failed + handedBack + unknown.length)
        expect(inFlight).toBe(brought.length)
        expect(all('job:handed-back')).toHaveLength(handedBack)
        expect(since('exited')).toBeLessThanOrEqual(19_000)
        const ids = new Set(unknown.map(({ id }) => id))
        expect(ids.size).toBe(unknown.length)
        for (const id of ids)
          expect(source.handedBack).not.toContainEqual({ id, outcome: 'handedBack' })
      }),
      { numRuns: 60 },
    )
  })
})
