import { parseIdentity } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import { bundled } from './support/bundle.ts'
import { isAlive, stage } from './support/harness.ts'

const program = bundled()

describe('start and stop', () => {
  it('starts every worker, and stops them all with exit code 0', async () => {
    const { supervisor, seen, all } = stage(program('polite'), { workers: 3 })
    await supervisor.start()
    await Promise.all([0, 1, 2].map((slot) => seen('worker:ready', (event) => event.slot === slot)))
    expect(supervisor.status().slots.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    await supervisor.stop()
    expect(all('worker:died').map(({ cause, exitCode }) => ({ cause, exitCode }))).toEqual(
      Array.from({ length: 3 }, () => ({ cause: 'stop', exitCode: 0 })),
    )
    expect(supervisor.status().phase).toBe('stopped')
    expect(all('worker:restarted')).toEqual([])
  })

  it('gives the child the identity by which the supervisor knows it', async () => {
    const { supervisor, seen, said } = stage(program('polite'))
    await supervisor.start()
    const { identity, pid } = await seen('worker:started')
    const { identity: own } = await said('identity')
    expect(own).toBe(identity)
    expect(parseIdentity(identity)).toMatchObject({
      pid,
      invocation: expect.stringMatching(/^[0-9a-f]{12,}$/),
    })
  })

  it('tells the child its limits and its stop budget', async () => {
    const limits = { limitBytes: 1000 * 1_048_576 }
    const { supervisor, said } = stage(program('polite'), { limits, stopMs: 4321 })
    await supervisor.start()
    expect(await said('identity')).toMatchObject({
      limits: { softBytes: 800 * 1_048_576, hardBytes: 920 * 1_048_576 },
      stopBudget: { ms: 4321 },
    })
  })

  it('starts once and stops once, however often and however concurrently it is asked', async () => {
    const { supervisor, all } = stage(program('polite'), { workers: 2 })
    await Promise.all([supervisor.start(), supervisor.start()])
    await supervisor.start()
    await Promise.all([supervisor.stop(), supervisor.stop(), supervisor[Symbol.asyncDispose]()])
    await supervisor.stop()
    expect(all('worker:started')).toHaveLength(2)
    expect(all('worker:died')).toHaveLength(2)
    expect(all('supervisor:stopped')).toHaveLength(1)
    expect(all('worker:stop-asked').every(({ request }) => request === 1)).toBe(true)
  })

  it('leaves nothing behind when it is stopped in the middle of its start', async () => {
    const { supervisor, children } = stage(program('polite'), { workers: 3, guard: true })
    const starting = supervisor.start()
    await supervisor.stop()
    await starting
    expect([...children.keys()].filter((pid) => isAlive(pid))).toEqual([])
  })

  it('may be stopped before it was started, and is not started afterwards', async () => {
    const { supervisor, all } = stage(program('polite'))
    await supervisor.stop()
    await expect(supervisor.start()).rejects.toMatchObject({ code: 'ILLEGAL_PHASE' })
    expect(() => supervisor.recycle()).toThrow(expect.objectContaining({ code: 'ILLEGAL_PHASE' }))
    expect(all('worker:started')).toEqual([])
  })

  it('stops a program that knows nothing of supervisors by SIGTERM', async () => {
    const { supervisor, said, all } = stage(program('plain'))
    await supervisor.start()
    await said('plain')
    await supervisor.stop()
    expect(all('worker:stop-asked')).toMatchObject([{ by: 'SIGTERM' }])
    expect(all('worker:died')).toMatchObject([{ cause: 'stop', exitCode: 0 }])
  })

  it('resolves run() after a stop', async () => {
    const { supervisor, seen } = stage(program('polite'))
    const running = supervisor.run()
    await seen('worker:ready')
    await supervisor.stop()
    await running
  })
})

describe('a worker that ignores everything', () => {
  it.each(['unheard', 'loop'])('is killed at the end of its stop budget (%s)', async (how) => {
    const { supervisor, said, all } = stage(program('deaf'), { args: [how], stopMs: 100 })
    await supervisor.start()
    await said('deaf')
    await supervisor.stop()
    expect(all('worker:killed')).toMatchObject([{ reason: 'stop-budget' }])
    expect(all('worker:died')).toMatchObject([{ cause: 'signal', killedFor: 'stop-budget' }])
  })

  it('is asked once more, then killed, as the stop is pressed', async () => {
    const { supervisor, said, all } = stage(program('deaf'), { args: ['unheard'], stopMs: 50_000 })
    await supervisor.start()
    await said('deaf')
    const stopped = supervisor.stop()
    void supervisor.stop({ force: 'abort' })
    expect(all('worker:stop-asked').map(({ request }) => request)).toEqual([1, 2])
    void supervisor.stop({ force: 'kill' })
    await stopped
    expect(all('worker:killed')).toMatchObject([{ reason: 'forced' }])
    expect(all('supervisor:stopping').map(({ request }) => request)).toEqual([1, 2, 3])
  })
})

describe('what is broken elsewhere', () => {
  it('ignores messages that are not its own or not well formed, and counts them', async () => {
    const { supervisor, seen, all } = stage(program('garbage'))
    await supervisor.start()
    await seen('worker:ready')
    expect(all('message:ignored').at(-1)).toMatchObject({ count: 10 })
    expect(supervisor.status().slots[0]).toMatchObject({ state: 'ready', ignoredMessages: 10 })
    await supervisor.stop()
    expect(all('worker:died')).toMatchObject([{ cause: 'stop' }])
  })

  it('goes on when listeners and hooks throw', async () => {
    const { supervisor, seen, all } = stage(program('polite'), {
      onSpawn: () => {
        throw new Error('hook')
      },
    })
    supervisor.on('worker:started', () => {
      throw new Error('listener')
    })
    supervisor.on('worker:started', () => Promise.reject(new Error('late')) as never)
    await supervisor.start()
    await seen('worker:ready')
    await supervisor.stop()
    expect(all('worker:died')).toHaveLength(1)
  })

  it('forgets a listener that is taken off', async () => {
    const { supervisor, seen } = stage(program('polite'))
    const heard: string[] = []
    const listener = () => heard.push('on')
    supervisor.on('worker:started', listener)
    supervisor.off('worker:started', listener)
    supervisor.once('worker:started', () => heard.push('once'))
    await supervisor.start()
    await seen('worker:ready')
    expect(heard).toEqual(['once'])
  })
})
