import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/contracts/policy.ts'
import type { Effect, LifecycleEvent } from '../../src/lifecycle/lifecycle-event.ts'
import { ENDED, LEAVING, PHASES, TRANSITIONS, WORKING } from '../../src/lifecycle/phase.ts'
import { INITIAL, reduce, type LifecycleState } from '../../src/lifecycle/reducer.ts'

const reasons = [{ code: 'test', message: 'for a test' }]
const verdicts: Verdict[] = [
  { action: 'keep', reasons: [] },
  { action: 'slowDown', reasons },
  { action: 'recycle', urgency: 'soft', reasons, heldBy: [] },
  { action: 'recycle', urgency: 'soft', reasons, heldBy: reasons },
  { action: 'recycle', urgency: 'hard', reasons, heldBy: [] },
  { action: 'recycle', urgency: 'hard', reasons, heldBy: reasons },
]
const plain = [
  'start',
  'ready',
  'failed',
  'permitGranted',
  'permitDenied',
  'permitRetry',
  'stopRequest',
  'quiesced',
  'idle',
  'handedBack',
  'closed',
  'sliceEnded',
] as const

const anyEvent: fc.Arbitrary<LifecycleEvent> = fc.oneof(
  fc.constantFrom(...plain).map((type) => ({ type })),
  fc.constantFrom(...verdicts).map((verdict) => ({ type: 'verdict' as const, verdict })),
  fc.constantFrom('soft' as const, 'hard' as const).map((urgency) => ({
    type: 'recycle' as const,
    urgency,
  })),
)

interface Trace {
  readonly states: LifecycleState[]
  readonly effects: Effect[]
}

function play(events: readonly LifecycleEvent[], from = INITIAL): Trace {
  const trace: Trace = { states: [from], effects: [] }
  for (const event of events) {
    const step = reduce(trace.states.at(-1) ?? from, event)
    trace.states.push(step.state)
    trace.effects.push(...step.effects)
  }
  return trace
}

const last = (trace: Trace) => trace.states.at(-1)?.phase
const of = (...types: (typeof plain)[number][]): LifecycleEvent[] => types.map((type) => ({ type }))
const verdict = (index: number): LifecycleEvent => ({
  type: 'verdict',
  verdict: verdicts[index] ?? { action: 'keep', reasons: [] },
})
const RUNNING = of('start', 'ready')
const count = (effects: readonly Effect[], effect: Effect) =>
  effects.filter((each) => each === effect).length

describe('any sequence of events', () => {
  /** Checks that no sequence of events gives a breach of the invariant. */
  const never = (breaches: (trace: Trace) => unknown[]) =>
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), fc.boolean(), (events, started) => {
        expect(breaches(play(started ? [...RUNNING, ...events] : events))).toEqual([])
      }),
      { numRuns: 3000 },
    )
  /** Every change of phase: the states before and after it. */
  const changes = ({ states }: Trace) =>
    states.slice(1).flatMap((after, index) => {
      const before = states[index] ?? INITIAL
      return before.phase === after.phase ? [] : [{ before, after }]
    })
  /** The states from the first one on that fits. */
  const from = ({ states }: Trace, fits: (state: LifecycleState) => boolean) => {
    const first = states.findIndex(fits)
    return first < 0 ? [] : states.slice(first)
  }

  it('follows the table of transitions', () => {
    never((trace) =>
      changes(trace).filter(
        ({ before, after }) => !TRANSITIONS[before.phase].includes(after.phase),
      ),
    )
  })

  it('never takes jobs again once fetching has stopped', () => {
    never((trace) =>
      from(trace, ({ phase }) => LEAVING.has(phase) || ENDED.has(phase)).filter(({ phase }) =>
        WORKING.has(phase),
      ),
    )
  })

  it('stops fetching, aborts, hands back, closes and ends at most once each, in this order', () => {
    const order: Effect[] = ['stopFetching', 'abortJobs', 'handBackJobs', 'close', 'end']
    never(({ effects }) => {
      const seen = effects.filter((effect) => order.includes(effect))
      const right = order.filter((effect) => seen.includes(effect))
      return seen.join() === right.join() ? [] : seen
    })
  })

  it('hands back only after running jobs were asked to stop', () => {
    never(({ effects }) => {
      const before = effects.slice(0, Math.max(0, effects.indexOf('handBackJobs')))
      return effects.includes('handBackJobs') && !before.includes('abortJobs') ? effects : []
    })
  })

  it('does nothing after the end', () => {
    never((trace) => {
      const ended = from(trace, ({ phase }) => ENDED.has(phase))
      const { effects } = trace
      const afterEnd = effects.includes('end') ? effects.slice(effects.indexOf('end') + 1) : []
      return [...afterEnd, ...ended.filter((state) => state !== ended[0])]
    })
  })

  it('leaves for a reason that is known', () => {
    never(({ states }) =>
      states.filter(
        ({ phase, leaving }) =>
          (LEAVING.has(phase) && leaving === undefined) ||
          (phase === 'failed' && leaving !== 'failure'),
      ),
    )
  })

  it('reaches the end when every slice runs out', () => {
    const runOut = Array.from({ length: 6 }, (): LifecycleEvent => ({ type: 'sliceEnded' }))
    never(({ states }) => {
      const state = states.at(-1) ?? INITIAL
      const end = last(play([...of('ready', 'stopRequest'), ...runOut], state)) ?? 'created'
      return ENDED.has(end) ? [] : [state]
    })
  })

  it('never starts a soft recycle that a gate holds, or without asking for a permit', () => {
    never((trace) =>
      changes(trace).filter(
        ({ before, after }) =>
          after.phase === 'quiescing' &&
          after.leaving === 'recycle' &&
          after.urgency === 'soft' &&
          !(before.phase === 'starting') &&
          !(before.phase === 'requested' && trace.effects.includes('askPermit')),
      ),
    )
  })
})

describe('reduce', () => {
  it('can reach every phase but those of a failure without one', () => {
    const reached = new Set<string>()
    const walk = (state: LifecycleState, depth: number) => {
      reached.add(state.phase)
      if (depth === 0) return
      for (const type of plain) walk(reduce(state, { type }).state, depth - 1)
      if (!WORKING.has(state.phase)) return
      for (const each of verdicts)
        walk(reduce(state, { type: 'verdict', verdict: each }).state, depth - 1)
    }
    walk({ ...INITIAL, phase: 'running' }, 5)
    for (const phase of ['created', 'starting']) reached.add(phase)
    expect([...reached].toSorted()).toEqual([...PHASES].toSorted())
  })

  it('asks for a permit before a soft recycle, and begins when it is granted', () => {
    const trace = play([...RUNNING, verdict(2), { type: 'permitGranted' }])
    expect(last(trace)).toBe('quiescing')
    expect(trace.effects).toEqual(['startAdapters', 'throttle', 'askPermit', 'stopFetching'])
  })

  it('holds a soft recycle that was refused a permit, and asks again in time', () => {
    const held = play([...RUNNING, verdict(2), ...of('permitDenied')])
    expect(last(held)).toBe('held')
    const again = play([verdict(2), ...of('permitRetry')], held.states.at(-1))
    expect(count(again.effects, 'askPermit')).toBe(1)
    expect(last(again)).toBe('requested')
  })

  it('does not wait for a permit when the recycle is hard', () => {
    const trace = play([...RUNNING, verdict(4)])
    expect(last(trace)).toBe('quiescing')
    expect(trace.effects.slice(-2)).toEqual(['askPermit', 'stopFetching'])
  })

  it('keeps working when even a hard recycle would not help', () => {
    expect(last(play([...RUNNING, verdict(5)]))).toBe('held')
  })

  it('gives a permit back that comes when memory is calm again', () => {
    const trace = play([...RUNNING, verdict(2), verdict(0), ...of('permitGranted')])
    expect(last(trace)).toBe('running')
    expect(trace.effects.at(-1)).toBe('releasePermit')
  })

  it('lets no verdict take back a recycle that was asked for', () => {
    const asked = play([...RUNNING, { type: 'recycle', urgency: 'soft' }, verdict(0)])
    expect(last(asked)).toBe('requested')
  })

  it('drains at the first stop request, aborts at the second, closes at the third', () => {
    const draining = play([...RUNNING, ...of('stopRequest', 'quiesced')])
    expect(last(draining)).toBe('draining')
    const aborting = play(of('stopRequest'), draining.states.at(-1))
    expect(last(aborting)).toBe('aborting')
    const closing = play(of('stopRequest'), aborting.states.at(-1))
    expect(last(closing)).toBe('closing')
  })

  it('turns a recycle under way into a stop when one is requested', () => {
    const trace = play([...RUNNING, verdict(4), ...of('stopRequest', 'quiesced', 'idle', 'closed')])
    expect(trace.states.at(-1)).toMatchObject({ phase: 'exited', leaving: 'stop' })
  })

  it('aborts jobs when memory turns critical during a soft drain', () => {
    const draining = play([...RUNNING, verdict(2), ...of('permitGranted', 'quiesced')])
    expect(last(play([verdict(4)], draining.states.at(-1)))).toBe('aborting')
  })

  it('ends a start that is cancelled without a failure', () => {
    const trace = play(of('start', 'stopRequest', 'failed', 'closed'))
    expect(trace.effects).toEqual(['startAdapters', 'cancelStart', 'close', 'end'])
    expect(last(trace)).toBe('exited')
  })

  it('drains what a start has fetched before a stop request could cancel it', () => {
    const trace = play(of('start', 'stopRequest', 'ready'))
    expect(last(trace)).toBe('quiescing')
  })

  it('goes through hand-back when the job source fails', () => {
    const trace = play([...RUNNING, ...of('failed', 'sliceEnded', 'sliceEnded', 'sliceEnded')])
    expect(last(trace)).toBe('handingBack')
    expect(trace.states.at(-1)?.leaving).toBe('failure')
  })
})
