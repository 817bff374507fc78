import type { Events } from '../events.ts'
import type { CancelTimer, Clock } from '../process/clock.ts'
import type { Effect, LifecycleEvent } from './lifecycle-event.ts'
import type { Phase } from './phase.ts'
import { INITIAL, reduce, type LifecycleState } from './reducer.ts'

/** What a machine works with. */
export interface MachineOptions {
  readonly clock: Clock
  readonly events: Events
  /** Does what an effect says; may dispatch further events. One that throws is reported, no more. */
  readonly perform: (effect: Effect) => void
  /** The time that a phase may take; undefined for phases that last as long as they like. */
  readonly sliceMs: (phase: Phase) => number | undefined
}

/** Runs the reducer: holds the state, its timers, and how long each phase took. */
export interface Machine {
  readonly state: LifecycleState
  /** Takes in an event. One that arrives while another is worked on waits its turn. */
  dispatch(event: LifecycleEvent): void
  /** How long each phase took, in order; the present one up to now. */
  phases(): readonly { readonly phase: Phase; readonly ms: number }[]
}

/** Makes a machine in its initial state. */
export function createMachine(options: MachineOptions): Machine {
  const { clock, events, perform, sliceMs } = options
  const queue: LifecycleEvent[] = []
  const entered: { phase: Phase; atMs: number }[] = [{ phase: INITIAL.phase, atMs: clock.nowMs() }]
  let state = INITIAL
  let working = false
  let cancelSlice: CancelTimer = () => {}

  const enter = (from: Phase, to: Phase) => {
    const atMs = clock.nowMs()
    entered.push({ phase: to, atMs })
    cancelSlice()
    const ms = sliceMs(to)
    if (ms !== undefined) cancelSlice = clock.setTimer(ms, () => dispatch({ type: 'sliceEnded' }))
    events.emit('phase:changed', { from, to, atMs })
  }

  // A machine that stopped half way would take no more events: nothing would ever be handed back.
  const performSafely = (effect: Effect) => {
    try {
      perform(effect)
    } catch (error) {
      events.emit('adapter:failed', { adapter: 'recycler', call: effect, error })
    }
  }

  const dispatch = (event: LifecycleEvent) => {
    queue.push(event)
    if (working) return
    working = true
    for (let next = queue.shift(); next; next = queue.shift()) {
      const from = state.phase
      const step = reduce(state, next)
      state = step.state
      if (state.phase !== from) enter(from, state.phase)
      for (const effect of step.effects) performSafely(effect)
    }
    working = false
  }

  return {
    get state() {
      return state
    },
    dispatch,
    phases: () =>
      entered.map(({ phase, atMs }, index) => ({
        phase,
        ms: (entered[index + 1]?.atMs ?? clock.nowMs()) - atMs,
      })),
  }
}
