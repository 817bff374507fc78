import { createRecycler, type Recycler } from '@worker-recycler/core'
import { fileFetch, type Job } from '@worker-recycler/file-fetch'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeMark } from '../../examples/demo/src/evidence.ts'
import { createStage, type Stage } from './kit/stage.ts'

const CONCURRENCY = 5

let stage: Stage
beforeEach(() => {
  stage = createStage(CONCURRENCY)
})
afterEach(() => stage.remove())

describe('two recyclers on one queue', () => {
  it('share the jobs; what one hands back, the other completes', async () => {
    await stage.enqueue([...Array<string>(3).fill('stubborn'), ...Array<string>(200).fill('quick')])
    let completed = 0
    let reached = () => {}
    const most = new Promise<void>((resolve) => {
      reached = resolve
    })
    const worker = (takesLong: boolean): Recycler => {
      const mark = (what: 'started' | 'completed', { id, name }: Job) =>
        writeMark(stage.evidenceDir, recycler.identity, { what, id, name, atEpochMs: Date.now() })
      const recycler = createRecycler({
        monitors: [],
        budget: { totalMs: 1000 },
        source: fileFetch({
          dir: stage.queueDir,
          concurrency: CONCURRENCY,
          handlers: {
            quick: async (job) => {
              mark('started', job)
              mark('completed', job)
              completed += 1
              if (completed === 150) reached()
            },
            stubborn: async (job) => {
              mark('started', job)
              if (takesLong) await new Promise(() => {})
              mark('completed', job)
            },
          },
        }),
      })
      return recycler
    }
    const [first, second] = [worker(true), worker(false)]
    await first.start()
    await second.start()
    await most
    const ledger = await first.recycle()
    await second.stop()
    await stage.bury(first.identity, false, 'recycle')
    await stage.bury(second.identity, false, 'stop')
    expect(ledger.jobs.unknown).toEqual([])
    expect(ledger.jobs.handedBack).toBe(ledger.jobs.inFlight - ledger.jobs.completed)
    expect(await stage.finish()).toMatchObject({
      completed: 203,
      lost: 0,
      completedTwice: 0,
      rerun: 0,
    })
  })
})

describe('two recyclers on one source object', () => {
  it('is refused to the second, and costs the first nothing', async () => {
    let left = 20
    let done = () => {}
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    const source = fileFetch({
      dir: stage.queueDir,
      handlers: {
        quick: async () => {
          left -= 1
          if (left === 0) done()
        },
      },
    })
    const first = createRecycler({ monitors: [], source })
    const second = createRecycler({ monitors: [], source })
    await first.start()
    await expect(second.start()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
    await second.stop()
    await stage.enqueue(Array<string>(20).fill('quick'))
    await all
    await first.stop()
    expect(second.phase).toBe('failed')
  })
})
