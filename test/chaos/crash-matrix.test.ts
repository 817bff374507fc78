import { PHASES } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import type { KillPoint } from './fixtures/kill-point.ts'
import { inParallel } from './kit/in-parallel.ts'
import { fixturePrograms } from './kit/programs.ts'
import { callsOf, runProgram } from './kit/run-program.ts'
import { createStage } from './kit/stage.ts'

const JOBS = ['stubborn', 'obedient', ...Array<string>(6).fill('quick')]
const CONCURRENCY = 3
const WIDTH = 2
const program = fixturePrograms('crashing-worker', 'crashing-recoverer', 'crashing-producer')

/** Every call, and both sides of it; one more than there were, as runs differ a little. */
const pointsOf = (calls: number): KillPoint[] =>
  Array.from({ length: calls + 1 }, (_, index) => index + 1).flatMap((call) => [
    { call, moment: 'before' as const },
    { call, moment: 'after' as const },
  ])

describe('a worker killed with SIGKILL', () => {
  const live = async (plan: { point?: KillPoint; phase?: string }) => {
    const stage = createStage(CONCURRENCY)
    try {
      await stage.enqueue(JOBS)
      const args = [stage.queueDir, stage.evidenceDir, JSON.stringify(plan)]
      const ended = await runProgram(program('crashing-worker'), args)
      const [identity = ''] = ended.lines
      await stage.bury(identity, ended.killed, ended.killed ? 'signal' : 'recycle')
      const audit = await stage.finish()
      expect(audit, JSON.stringify(plan)).toMatchObject({
        enqueued: JOBS.length,
        completed: JOBS.length,
        lost: 0,
        completedTwice: 0,
      })
      return { ended, audit }
    } finally {
      stage.remove()
    }
  }

  it('hands back what it cannot finish when nobody kills it', async () => {
    const { ended, audit } = await live({})
    expect(ended.code).toBe(75)
    expect(audit).toMatchObject({ rerun: 0, handedBack: 2 })
  })

  it.for(PHASES.filter((phase) => !['created', 'elevated', 'held', 'failed'].includes(phase)))(
    'loses and doubles nothing at the entry into the phase %s',
    async (phase) => {
      const { ended } = await live({ phase })
      expect(ended.killed).toBe(true)
    },
  )

  it('loses and doubles nothing at any call of the file system', { timeout: 600_000 }, async () => {
    const { ended } = await live({})
    const points = pointsOf(callsOf(ended) ?? 0)
    expect(points.length).toBeGreaterThan(100)
    let kills = 0
    await inParallel(WIDTH, points, async (point) => {
      const cell = await live({ point })
      if (cell.ended.killed) kills += 1
    })
    expect(kills).toBeGreaterThan(points.length * 0.75)
  })
})

describe('a recoverer killed with SIGKILL', () => {
  it(
    'is finished by the next one, at any call of the file system',
    { timeout: 300_000 },
    async () => {
      const recover = async (point: KillPoint | undefined) => {
        const stage = createStage(CONCURRENCY)
        try {
          await stage.enqueue(JOBS)
          const plan = JSON.stringify({ phase: 'draining' })
          const args = [stage.queueDir, stage.evidenceDir, plan]
          const { lines } = await runProgram(program('crashing-worker'), args)
          const [identity = ''] = lines
          const ended = await runProgram(program('crashing-recoverer'), [
            stage.queueDir,
            identity,
            JSON.stringify({ point }),
          ])
          await stage.bury(identity, true, 'signal')
          expect(await stage.finish(), JSON.stringify(point)).toMatchObject({
            completed: JOBS.length,
            lost: 0,
            completedTwice: 0,
          })
          return ended
        } finally {
          stage.remove()
        }
      }
      const points = pointsOf(callsOf(await recover(undefined)) ?? 0)
      expect(points.length).toBeGreaterThan(10)
      let kills = 0
      await inParallel(WIDTH, points, async (point) => {
        if ((await recover(point)).killed) kills += 1
      })
      expect(kills).toBeGreaterThan(points.length * 0.75)
    },
  )
})

describe('a producer killed with SIGKILL', () => {
  it(
    'leaves every job that it was told is durable, and no half of one',
    { timeout: 300_000 },
    async () => {
      const produce = async (point: KillPoint | undefined) => {
        const stage = createStage(CONCURRENCY)
        try {
          const args = [stage.queueDir, JSON.stringify({ point })]
          const ended = await runProgram(program('crashing-producer'), args)
          const durable = ended.lines
            .filter((line) => line.startsWith('durable '))
            .map((line) => line.slice('durable '.length))
          const ready = await stage.queue.jobs('ready')
          const ids = ready.map(({ id }) => id)
          expect(ids, JSON.stringify(point)).toEqual(expect.arrayContaining(durable))
          // At most the one under way is there besides.
          expect(ids.length - durable.length).toBeLessThanOrEqual(1)
          const audit = await stage.finish()
          expect(audit.completedTwice).toBe(0)
          expect(await stage.queue.jobs('completed')).toHaveLength(ids.length)
          return ended
        } finally {
          stage.remove()
        }
      }
      const points = pointsOf(callsOf(await produce(undefined)) ?? 0)
      expect(points.length).toBeGreaterThan(20)
      let kills = 0
      await inParallel(WIDTH, points, async (point) => {
        if ((await produce(point)).killed) kills += 1
      })
      expect(kills).toBeGreaterThan(points.length * 0.75)
    },
  )
})
