import { describe, expect, it } from 'vitest'
import { createEvents } from '../../src/events.ts'
import type { Effect } from '../../src/lifecycle/lifecycle-event.ts'
import { createMachine, type MachineOptions } from '../../src/lifecycle/machine.ts'
import { silentLogger } from '../../src/logger.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

function machineWith(options: Partial<MachineOptions> = {}) {
  const clock = fakeClock()
  const events = createEvents('a:1:abcdef', silentLogger)
  const performed: Effect[] = []
  const machine = createMachine({
    clock,
    events,
    perform: (effect) => performed.push(effect),
    sliceMs: () => undefined,
    ...options,
  })
  return { clock, events, performed, machine }
}

describe('createMachine', () => {
  it('works on one event after the other, though an effect or a listener dispatches', () => {
    const order: string[] = []
    const { machine, events } = machineWith({
      perform: (effect) => {
        order.push(effect)
        if (effect === 'startAdapters') machine.dispatch({ type: 'ready' })
        order.push(`${effect} done in ${machine.state.phase}`)
      },
    })
    events.on('phase:changed', ({ to }) => {
      if (to === 'running') machine.dispatch({ type: 'stopRequest' })
    })
    machine.dispatch({ type: 'start' })
    expect(order).toEqual([
      'startAdapters',
      'startAdapters done in starting',
      'stopFetching',
      'stopFetching done in quiescing',
    ])
  })

  it('goes on after an effect that throws, and reports it', () => {
    const error = new Error('broken')
    const failures: object[] = []
    const { machine, events } = machineWith({
      perform: () => {
        throw error
      },
    })
    events.on('adapter:failed', (event) => failures.push(event))
    for (const type of ['start', 'ready', 'stopRequest', 'quiesced', 'idle', 'closed'] as const) {
      machine.dispatch({ type })
    }
    expect(machine.state.phase).toBe('exited')
    expect(failures[0]).toEqual({ adapter: 'recycler', call: 'startAdapters', error })
  })

  it('ends a slice on time, and not once its phase is over', async () => {
    const { clock, machine, performed } = machineWith({
      sliceMs: (phase) => (phase === 'quiescing' || phase === 'draining' ? 100 : undefined),
    })
    for (const type of ['start', 'ready', 'stopRequest'] as const) machine.dispatch({ type })
    await clock.advance(40)
    machine.dispatch({ type: 'quiesced' })
    await clock.advance(99)
    expect(machine.state.phase).toBe('draining')
    await clock.advance(1)
    expect(machine.state.phase).toBe('aborting')
    expect(clock.pending).toBe(0)
    expect(performed.at(-1)).toBe('abortJobs')
  })

  it('tells how long each phase took, the present one up to now', async () => {
    const { clock, machine } = machineWith()
    await clock.advance(5)
    machine.dispatch({ type: 'start' })
    await clock.advance(7)
    machine.dispatch({ type: 'ready' })
    clock.jumpEpoch(3_600_000)
    await clock.advance(11)
    expect(machine.phases()).toEqual([
      { phase: 'created', ms: 5 },
      { phase: 'starting', ms: 7 },
      { phase: 'running', ms: 11 },
    ])
  })
})
