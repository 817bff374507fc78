import { describe, expect, it } from 'vitest'
import { CONTRACT } from '../../src/contracts/adapter.ts'
import type { Reading } from '../../src/contracts/monitor.ts'
import type { Policy, PolicyContext } from '../../src/contracts/policy.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'
import { createJudge, type JudgeOptions } from '../../src/watch/judge.ts'
import { levelPolicy } from '../recycler/level-policy.ts'

function judgeOf(options: Partial<JudgeOptions> = {}) {
  const clock = fakeClock()
  const contexts: PolicyContext[] = []
  const level = levelPolicy()
  const policy: Policy = {
    ...level,
    contract: CONTRACT,
    judge: (reading, context) => {
      contexts.push({ ...context, history: [...context.history] })
      return level.judge(reading, context)
    },
  }
  const judge = createJudge({
    policy,
    clock,
    identity: 'a:1:abcdef',
    limitBytes: 1000,
    warmUpMs: 30_000,
    drainMs: 10_000,
    recycles: [],
    inFlight: () => [],
    ...options,
  })
  const read = (usedBytes: number, metric = 'used', monitor = 'one') => {
    const reading: Reading = { monitor, metric, atMs: clock.nowMs(), usedBytes }
    return judge.judge(reading)
  }
  const last = () => {
    const context = contexts.at(-1)
    if (context) return context
    throw new Error('Nothing was judged')
  }
  return { clock, judge, read, last }
}

describe('createJudge', () => {
  it('answers with the strongest verdict over the newest readings of all series', () => {
    const { read, judge } = judgeOf()
    read(850, 'a')
    expect(read(100, 'b')).toMatchObject({
      verdict: { urgency: 'soft' },
      reading: { metric: 'a', usedBytes: 850 },
    })
    expect(read(100, 'a').verdict.action).toBe('keep')
    expect(judge.latest().map(({ metric }) => metric)).toEqual(['a', 'b'])
  })

  it('tells the policy for how long a recycle has been wanted, without a break', async () => {
    const { read, last, clock } = judgeOf()
    read(850)
    expect(last()).toMatchObject({ wantedForMs: 0, elevated: false })
    await clock.advance(4000)
    read(860)
    expect(last()).toMatchObject({ wantedForMs: 4000, elevated: true, uptimeMs: 4000 })
    read(100)
    read(860)
    expect(last()).toMatchObject({ wantedForMs: 0, elevated: false })
    clock.jumpEpoch(3_600_000)
    await clock.advance(1000)
    read(860)
    expect(last()).toMatchObject({ wantedForMs: 1000, epochMs: clock.epochMs() })
  })

  it('takes the first reading after the warm-up as the baseline, for each series its own', async () => {
    const { read, last, clock } = judgeOf()
    read(100, 'a')
    expect(last().baseline).toBeUndefined()
    await clock.advance(30_000)
    read(200, 'a')
    read(300, 'a')
    expect(last().baseline?.usedBytes).toBe(200)
    read(400, 'b')
    expect(last().baseline?.usedBytes).toBe(400)
  })

  it('completes the last recycle by the baseline of the same series', async () => {
    const recycle = { atEpochMs: 1, series: 'one/a', beforeBytes: 900 }
    const { judge, read, clock } = judgeOf({ recycles: [recycle] })
    await clock.advance(30_000)
    read(400, 'b')
    expect(judge.recycles()).toEqual([recycle])
    read(300, 'a')
    expect(judge.recycles()).toEqual([{ ...recycle, afterBytes: 300 }])
  })

  it('forgets all series of a monitor, and answers with what the others want', () => {
    const { judge, read } = judgeOf()
    read(850, 'a', 'one')
    read(930, 'b', 'one')
    read(750, 'a', 'two')
    expect(judge.forget('one')).toMatchObject({ verdict: { action: 'slowDown' } })
    expect(judge.forget('two')).toMatchObject({ verdict: { action: 'keep' } })
    expect(judge.forget('two')).toBeUndefined()
    expect(judge.latest()).toEqual([])
  })
})
