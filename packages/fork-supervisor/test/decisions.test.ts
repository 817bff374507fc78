import { describe, expect, it } from 'vitest'
import { deathCause, type DeathFacts } from '../src/death/death-cause.ts'
import { oomKillPaths, parseOomKills } from '../src/death/oom-kills.ts'
import { extrapolate, judgeMemory, type MemoryState, UNREAD } from '../src/memory/judge-memory.ts'
import { nextLimit } from '../src/memory/next-limit.ts'
import { parseProcStatus } from '../src/memory/proc-status.ts'
import { parsePs } from '../src/memory/ps.ts'
import { afterDeath, afterReady, type Death, NO_DEATHS } from '../src/restart/after-death.ts'
import { backOffMs } from '../src/restart/back-off.ts'

describe('judging memory', () => {
  const limits = { softBytes: 1000, hardBytes: 1500 }
  const judgeAll = (figures: number[], startMs = 0) => {
    let state: MemoryState = UNREAD
    return figures.map((usedBytes, index) => {
      const judged = judgeMemory(state, { usedBytes, atMs: startMs + index * 100 }, limits)
      state = judged.state
      return judged.verdict
    })
  }

  it('wants a recycle at the third reading in a row above the soft limit, once', () => {
    expect(judgeAll([1000, 1000, 1000, 1100, 1200])).toEqual([
      'keep',
      'keep',
      'recycle',
      'keep',
      'keep',
    ])
    expect(judgeAll([1000, 1000, 999, 1000, 1000])).not.toContain('recycle')
  })

  it('is relieved well below the soft limit only, and may want it again', () => {
    expect(judgeAll([1000, 1000, 1000, 880, 874, 1000, 1000, 1000])).toEqual([
      'keep',
      'keep',
      'recycle',
      'keep',
      'relieved',
      'keep',
      'keep',
      'recycle',
    ])
  })

  it('kills at the hard limit at the first reading', () => {
    expect(judgeAll([1500])).toEqual(['kill'])
    expect(judgeAll([1499])).toEqual(['keep'])
  })

  it('does nothing without limits, but remembers the peak', () => {
    const { state, verdict } = judgeMemory(
      { ...UNREAD, peakBytes: 7 },
      { usedBytes: 5, atMs: 0 },
      {},
    )
    expect({ peak: state.peakBytes, verdict }).toEqual({ peak: 7, verdict: 'keep' })
  })
})

describe('growth', () => {
  it('is taken to have gone on until the death, and shrinking is not', () => {
    const state = { ...UNREAD, usedBytes: 1000, atMs: 100, bytesPerMs: 2 }
    expect(extrapolate(state, 150)).toBe(1100)
    expect(extrapolate({ ...state, bytesPerMs: -2 }, 150)).toBe(1000)
    expect(extrapolate(UNREAD, 150)).toBeUndefined()
  })
})

describe('the limit that governs how often memory is read', () => {
  const limits = { softBytes: 1000, hardBytes: 1500 }

  it('is the next one, and beyond all of them the last', () => {
    expect([undefined, 100, 1000, 1450, 1600].map((used) => nextLimit(used, limits))).toEqual([
      1000, 1000, 1500, 1500, 1500,
    ])
    expect([nextLimit(5, {}), nextLimit(9, { softBytes: 7 })]).toEqual([undefined, 7])
  })
})

describe('restarting', () => {
  const backoff = { baseMs: 100, factor: 2, maxMs: 1000, jitter: 0, resetMs: 30_000 }
  const breaker = { deaths: 3, windowMs: 60_000 }
  const play = (deaths: Death[]) => {
    let state = NO_DEATHS
    return deaths.map((death) => {
      const after = afterDeath(state, death, { backoff, breaker }, 0)
      state = death.readyForMs === undefined ? after.state : afterReady(after.state)
      return after.next.kind === 'restart' ? after.next.delayMs : after.next.kind
    })
  }
  const death = (cause: Death['cause'], readyForMs: number | undefined, atMs = 0): Death => ({
    cause,
    readyForMs,
    atMs,
  })

  it('doubles the delay with every abnormal death in a row, up to a limit', () => {
    const crashes = Array.from({ length: 6 }, () => death('crash', 10))
    expect(play(crashes)).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('begins anew after a worker that was ready for long', () => {
    expect(play([death('signal', 1), death('memory', 1), death('crash', 30_000)])).toEqual([
      100, 200, 100,
    ])
  })

  it('follows a recycle at once, and does not count it', () => {
    expect(play([death('crash', 1), death('recycle', 1), death('crash', 1)])).toEqual([100, 0, 100])
  })

  it('counts a recycle before ready as a failure to start', () => {
    expect(play([1, 2, 3].map((atMs) => death('recycle', undefined, atMs)))).toEqual([
      100,
      200,
      'broken',
    ])
  })

  it('gives up after deaths before ready within the window, and only then', () => {
    const failures = (...atMs: number[]) => play(atMs.map((at) => death('crash', undefined, at)))
    expect(failures(0, 30_000, 60_000).at(-1)).toBe('broken')
    expect(failures(0, 30_000, 60_001).at(-1)).toBe(400)
    expect(
      play([
        death('crash', undefined),
        death('crash', undefined),
        death('crash', 1),
        death('crash', undefined),
      ]),
    ).not.toContain('broken')
  })

  it('never gives up without a breaker', () => {
    let state = NO_DEATHS
    for (let index = 0; index < 50; index += 1) {
      const after = afterDeath(
        state,
        death('crash', undefined, index),
        { backoff, breaker: false },
        0,
      )
      expect(after.next.kind).toBe('restart')
      state = after.state
    }
    expect(state.startFailuresMs).toEqual([])
  })

  it('lets a worker stop for good', () => {
    expect(play([death('stop', 5)])).toEqual(['stopped'])
  })

  it('leaves the jittered part of the delay to chance', () => {
    const jittered = { ...backoff, jitter: 0.5 }
    expect([0, 0.5, 0.999].map((random) => Math.round(backOffMs(1, jittered, random)))).toEqual([
      100, 75, 50,
    ])
  })
})

describe('the cause of death', () => {
  const facts: DeathFacts = {
    exitCode: null,
    exitSignal: null,
    asked: undefined,
    announced: undefined,
    killedFor: undefined,
    oomKilled: false,
    heap: undefined,
    usedBytes: undefined,
  }
  const gibibyte = 1024 ** 3
  const full = { usedBytes: 0.9 * gibibyte, limitBytes: gibibyte }
  const empty = { usedBytes: 0.1 * gibibyte, limitBytes: gibibyte }
  it.each<[Partial<DeathFacts>, string]>([
    [{ announced: 'recycle', exitCode: 75 }, 'recycle'],
    [{ announced: 'recycle', exitCode: 0 }, 'recycle'],
    [{ asked: 'recycle', exitCode: 0 }, 'recycle'],
    [{ announced: 'recycle', exitCode: 1 }, 'crash'],
    [{ announced: 'recycle', asked: 'stop', exitCode: 75 }, 'recycle'],
    [{ asked: 'stop', exitCode: 0 }, 'stop'],
    [{ announced: 'stop', exitCode: 0 }, 'stop'],
    [{ asked: 'stop', exitCode: 1 }, 'crash'],
    [{ announced: 'failure', exitCode: 0 }, 'crash'],
    [{ exitCode: 0 }, 'unknown'],
    [{ exitCode: 75 }, 'crash'],
    [{ exitCode: 3 }, 'crash'],
    [{}, 'unknown'],
    [{ exitSignal: 'SIGKILL', killedFor: 'hard-limit' }, 'memory'],
    [{ exitSignal: 'SIGKILL', killedFor: 'stop-budget' }, 'signal'],
    [{ exitSignal: 'SIGKILL', killedFor: 'stop-budget', oomKilled: true }, 'signal'],
    [{ exitSignal: 'SIGKILL', oomKilled: true }, 'memory'],
    [{ exitCode: 137, oomKilled: true }, 'memory'],
    [{ exitSignal: 'SIGKILL' }, 'signal'],
    [{ exitSignal: 'SIGTERM', asked: 'stop', oomKilled: true }, 'signal'],
    [{ exitSignal: 'SIGABRT', heap: full }, 'memory'],
    [{ exitCode: 134, heap: full }, 'memory'],
    [{ exitSignal: 'SIGABRT', heap: empty }, 'signal'],
    [{ exitSignal: 'SIGABRT', heap: empty, usedBytes: gibibyte }, 'memory'],
    [{ exitSignal: 'SIGABRT', usedBytes: gibibyte }, 'signal'],
    [{ exitCode: 134, heap: empty }, 'crash'],
    [{ exitSignal: 'SIGSEGV', heap: full }, 'signal'],
  ])('of %j is %s', (given, cause) => {
    expect(deathCause({ ...facts, ...given })).toBe(cause)
  })
})

describe('reading the host', () => {
  it('adds up what the kernel cannot take back', () => {
    const text =
      'Name:\tx\nVmRSS:\t9 kB\nRssAnon:\t  4 kB\nRssFile:\t 99 kB\nRssShmem:\t  2 kB\nVmSwap:\t  1 kB\n'
    expect(parseProcStatus(text)).toBe(7 * 1024)
    expect(parseProcStatus('Name:\tzombie\nState:\tZ (zombie)\n')).toBeUndefined()
  })

  it('reads what ps prints', () => {
    expect(parsePs(' 1234\n')).toBe(1234 * 1024)
    expect(parsePs('')).toBeUndefined()
    expect(parsePs('RSS\n12\n')).toBeUndefined()
  })

  it('finds the counter of kills in either version of cgroups, and in a container', () => {
    expect(oomKillPaths('0::/a/b\n', '/c')).toEqual(['/c/a/b/memory.events', '/c/memory.events'])
    expect(oomKillPaths('9:name=systemd:/x\n4:cpu,memory:/d/e\n0::/\n', '/c')).toEqual([
      '/c/memory/d/e/memory.oom_control',
      '/c/memory/memory.oom_control',
      '/c/memory.events',
      '/c/memory.events',
    ])
    expect(oomKillPaths('0::/../../etc\n', '/c')).toEqual(['/c/memory.events', '/c/memory.events'])
    expect(oomKillPaths('', '/c')).toEqual([])
    expect(parseOomKills('oom_kill_disable 0\nunder_oom 0\noom_kill 12\n')).toBe(12)
    expect(parseOomKills('oom_kill_disable 0\n')).toBeUndefined()
  })
})
