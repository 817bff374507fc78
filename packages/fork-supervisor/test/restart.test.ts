import { describe, expect, it } from 'vitest'
import { bundled } from './support/bundle.ts'
import { stage } from './support/harness.ts'

const program = bundled()

describe('restarts', () => {
  it('starts a crashed worker again, after a back-off that grows', async () => {
    const { supervisor, seen, all } = stage(program('crash'), {
      restart: { backoff: { baseMs: 10, maxMs: 1000, jitter: 0 } },
    })
    await supervisor.start()
    await seen('restart:delayed', ({ inRow }) => inRow === 3)
    expect(all('restart:delayed').map(({ delayMs }) => delayMs)).toEqual([10, 20, 40])
    expect(all('worker:died')[0]).toMatchObject({ cause: 'crash', exitCode: 3 })
    await supervisor.stop()
  })

  it('gives up a slot whose worker never becomes ready, and run() says so', async () => {
    const { supervisor, all } = stage(program('crash'), {
      args: ['early'],
      workers: 2,
      restart: { backoff: { baseMs: 1 }, breaker: { deaths: 3 } },
    })
    await expect(supervisor.run()).rejects.toMatchObject({ code: 'RESTART_BREAKER_OPEN' })
    expect(all('slot:broken').map(({ slot, deaths }) => ({ slot, deaths }))).toEqual(
      expect.arrayContaining([
        { slot: 0, deaths: 3 },
        { slot: 1, deaths: 3 },
      ]),
    )
    expect(all('worker:started')).toHaveLength(6)
    expect(supervisor.status().phase).toBe('stopped')
  })

  it('treats a program that cannot be started at all in the same way', async () => {
    const { supervisor, all } = stage(program('polite'), {
      execPath: '/nowhere/node',
      restart: { backoff: { baseMs: 1 }, breaker: { deaths: 2 } },
    })
    await expect(supervisor.run()).rejects.toMatchObject({ code: 'RESTART_BREAKER_OPEN' })
    expect(all('worker:start-failed')).toHaveLength(2)
  })

  it('lets a worker that chooses to stop go, and ends with the last of them', async () => {
    const { supervisor, all } = stage(program('brief'))
    await supervisor.run()
    expect(all('slot:stopped')).toEqual([{ slot: 0 }])
    expect(all('worker:started')).toHaveLength(1)
  })

  it('keeps the other slots, and starts the one that was given up at the operator’s word', async () => {
    let deaths = 0
    const { supervisor, seen, next } = stage(program('polite'), {
      workers: 2,
      restart: { backoff: { baseMs: 1 }, breaker: { deaths: 2 } },
      onSpawn: (child, { slot }) => {
        if (slot !== 0 || deaths >= 2) return
        deaths += 1
        child.kill('SIGKILL')
      },
    })
    await supervisor.start()
    expect(await seen('slot:broken')).toMatchObject({ slot: 0, deaths: 2 })
    await seen('worker:ready', ({ slot }) => slot === 1)
    expect(supervisor.status().slots.map(({ state }) => state)).toEqual(['broken', 'ready'])
    supervisor.recycle(0)
    await next('worker:ready', ({ slot }) => slot === 0)
    supervisor.recycle(0)
    expect(await seen('worker:recycle-asked')).toMatchObject({ slot: 0, urgency: 'hard' })
    expect(() => supervisor.recycle(2)).toThrow(/below 2, got 2/)
  })

  it('starts nothing any more once it stops', async () => {
    const { supervisor, seen, all } = stage(program('crash'), {
      restart: { backoff: { baseMs: 3_600_000, maxMs: 3_600_000 } },
    })
    await supervisor.start()
    await seen('restart:delayed')
    await supervisor.stop()
    expect(all('worker:started')).toHaveLength(1)
  })
})
