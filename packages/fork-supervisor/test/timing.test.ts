import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOomKills } from '../src/death/oom-kills.ts'
import { createForkSupervisor, type ForkSupervisorOptions } from '../src/index.ts'
import { createAllowance } from '../src/memory/allowance.ts'
import { createStopDeadline } from '../src/parent/stop-deadline.ts'
import { resolveOptions } from '../src/resolve-options.ts'

describe('the stop deadline', () => {
  const deadline = (maxExtendMs = 0) => {
    const clock = fakeClock()
    const over: string[] = []
    return {
      clock,
      over,
      deadline: createStopDeadline({
        stopMs: 1000,
        maxExtendMs,
        clock,
        onOver: (why) => over.push(why),
      }),
    }
  }

  it('ends once, at the end of the budget that began first', async () => {
    const { deadline: theDeadline, clock, over } = deadline()
    theDeadline.begin('recycle-ignored')
    await clock.advance(600)
    theDeadline.begin('stop-budget')
    await clock.advance(400)
    expect(over).toEqual(['recycle-ignored'])
    await clock.advance(10_000)
    expect(over).toHaveLength(1)
  })

  it('can begin anew, and be called off', async () => {
    const { deadline: theDeadline, clock, over } = deadline()
    theDeadline.begin('recycle-ignored')
    await clock.advance(600)
    theDeadline.restart('stop-budget')
    await clock.advance(600)
    expect(over).toEqual([])
    theDeadline.cancel()
    await clock.advance(10_000)
    expect([over, clock.pending]).toEqual([[], 0])
  })

  it('is lengthened up to the cap, before it began as well', async () => {
    const { deadline: theDeadline, clock, over } = deadline(500)
    expect(theDeadline.extend(300)).toBe(300)
    theDeadline.begin('stop-budget')
    expect(theDeadline.extend(300)).toBe(200)
    expect(theDeadline.extend(300)).toBe(0)
    await clock.advance(1499)
    expect(over).toEqual([])
    await clock.advance(1)
    expect(over).toEqual(['stop-budget'])
  })
})

describe('head-room', () => {
  it('raises both limits for a while', async () => {
    const clock = fakeClock()
    const allowance = createAllowance(
      { softBytes: 100, hardBytes: 200 },
      { maxBytes: 50, maxMs: 1000 },
      clock,
    )
    expect(allowance.grant({ bytes: 80, forMs: 5000 })).toEqual({ bytes: 50, forMs: 1000 })
    expect(allowance.limits()).toEqual({ softBytes: 150, hardBytes: 250 })
    await clock.advance(1000)
    expect(allowance.limits()).toEqual({ softBytes: 100, hardBytes: 200 })
  })

  it('is refused without a cap, and makes no limit where there is none', () => {
    const allowance = createAllowance({ softBytes: 100 }, { maxBytes: 0, maxMs: 1000 }, fakeClock())
    expect(allowance.grant({ bytes: 80, forMs: 5000 })).toEqual({ bytes: 0, forMs: 0 })
    expect(allowance.limits()).toEqual({ softBytes: 100 })
  })
})

describe('kills counted by the kernel', () => {
  it('explain only deaths of their own time', async () => {
    const root = await mkdtemp(join(tmpdir(), 'host-'))
    onTestFinished(() => rm(root, { recursive: true }))
    const clock = fakeClock()
    for (const pid of [1, 2]) {
      await mkdir(join(root, String(pid)))
      await writeFile(join(root, String(pid), 'cgroup'), '0::/\n')
    }
    const count = (kills: number) => writeFile(join(root, 'memory.events'), `oom_kill ${kills}\n`)
    await count(4)
    const kills = createOomKills({ procRoot: root, cgroupRoot: root, clock })
    await Promise.all([kills.follow(1), kills.follow(2)])
    // Somebody else in the same cgroup dies; two looks later it is nobody's explanation any more.
    await count(5)
    await clock.advance(10_000)
    await kills.follow(1)
    await clock.advance(10_000)
    await kills.follow(1)
    expect(await kills.claim(1)).toBe(false)
    await count(6)
    expect(await kills.claim(2)).toBe(true)
    expect(await kills.claim(2)).toBe(false)
  })
})

describe('options', () => {
  it.each<[Partial<ForkSupervisorOptions>, RegExp]>([
    [{ script: '' }, /`script` to be the path of a program, got ""/],
    [{ workers: 0 }, /`workers` to be a whole number, at least 1, got 0/],
    [{ workers: 1.5 }, /`workers`/],
    [{ stopMs: Infinity }, /`stopMs` to be a finite number, at least 1, got Infinity/],
    [
      { limits: { softBytes: 2, hardBytes: 1 } },
      /`limits.softBytes` to be below the hard limit \(1\), got 2/,
    ],
    [{ limits: { hardBytes: 0 } }, /`limits.hardBytes`/],
    [
      { limits: { limitBytes: 100, soft: 1.2 } },
      /`limits.soft` to be a share from 0 to 1, got 1.2/,
    ],
    [{ maxRecycling: 0 }, /`maxRecycling`/],
    [{ restart: { backoff: { factor: 0.5 } } }, /`restart.backoff.factor`/],
    [{ restart: { breaker: { deaths: 0 } } }, /`restart.breaker.deaths`/],
    [{ watch: { calmMs: 10 } }, /`watch.calmMs` to be a finite number, at least 100, got 10/],
    [{ onDeath: 'recover' as never }, /`onDeath` to be a function, got "recover"/],
    [{ helloMs: -1 }, /`helloMs` to be a finite number, at least 0, got -1/],
    [{ headroom: { maxBytes: -1 } }, /`headroom.maxBytes`/],
  ])('%j are refused', (options, message) => {
    expect(() => createForkSupervisor({ script: 'worker.js', ...options })).toThrow(TypeError)
    expect(() => createForkSupervisor({ script: 'worker.js', ...options })).toThrow(message)
  })

  it('have the documented defaults', () => {
    const options = resolveOptions({
      script: 'worker.js',
      workers: 9,
      limits: { limitBytes: 1000 },
    })
    expect(options).toMatchObject({
      limits: { softBytes: 800, hardBytes: 920 },
      stopMs: 30_000,
      helloMs: 60_000,
      maxRecycling: 2,
      overlap: false,
      onDeathMs: 2000,
      breaker: { deaths: 5, windowMs: 300_000 },
      backoff: { baseMs: 500, factor: 2, maxMs: 30_000, jitter: 0.5, resetMs: 30_000 },
      watch: { calmMs: 1000, closeMs: 100 },
      maxExtendMs: 0,
      headroom: { maxBytes: 0 },
    })
    expect(resolveOptions({ script: 'worker.js' }).maxRecycling).toBe(1)
  })
})
