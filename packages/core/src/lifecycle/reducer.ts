import type { Urgency, Verdict } from '../contracts/policy.ts'
import { RecyclerError } from '../errors.ts'
import type { Leaving } from './leaving.ts'
import type { Effect, LifecycleEvent } from './lifecycle-event.ts'
import { ENDED, TRANSITIONS, WORKING, type Phase } from './phase.ts'

/** All that the lifecycle remembers. */
export interface LifecycleState {
  readonly phase: Phase
  /** Set once leaving is certain. */
  readonly leaving?: Leaving
  /** How pressing the recycle is that is wanted or under way. */
  readonly urgency?: Urgency
  /** A recycle was asked for from outside: no verdict takes it back. */
  readonly asked: boolean
  /** What a held recycle waits for. */
  readonly heldBy?: 'policy' | 'permit'
  readonly stopRequests: number
}

/** A new state and what to do about it, in order. */
export interface Step {
  readonly state: LifecycleState
  readonly effects: readonly Effect[]
}

/** The state before `start`. */
export const INITIAL: LifecycleState = { phase: 'created', asked: false, stopRequests: 0 }

/**
 * The whole lifecycle as one pure function. An event that means nothing in the present phase
 * (a verdict after the end, a late answer) changes nothing.
 */
export function reduce(state: LifecycleState, event: LifecycleEvent): Step {
  if (ENDED.has(state.phase)) return stay(state)
  switch (event.type) {
    case 'start':
      return state.phase === 'created' ? go(state, 'starting', 'startAdapters') : stay(state)
    case 'ready':
      return onReady(state)
    case 'failed':
      return onFailed(state, event.holdsJobs ?? false)
    case 'verdict':
      return onVerdict(state, event.verdict)
    case 'recycle':
      return onRecycle(state, event.urgency)
    case 'permitGranted':
      if (state.phase === 'requested') return leave(state, 'recycle')
      return WORKING.has(state.phase) ? stay(state, 'releasePermit') : stay(state)
    case 'permitDenied':
      if (state.phase !== 'requested') return stay(state)
      return go({ ...state, heldBy: 'permit' }, 'held')
    case 'permitRetry':
      if (state.phase !== 'held' || state.heldBy !== 'permit') return stay(state)
      return go(state, 'requested', 'askPermit')
    case 'stopRequest':
      return onStopRequest({ ...state, stopRequests: state.stopRequests + 1 })
    case 'quiesced':
      return state.phase === 'quiescing' ? go(state, 'draining', 'awaitIdle') : stay(state)
    case 'idle':
      return state.phase === 'draining' || state.phase === 'aborting' ? close(state) : stay(state)
    case 'handedBack':
      return state.phase === 'handingBack' ? close(state) : stay(state)
    case 'closed':
      return state.phase === 'closing' ? end(state) : stay(state)
    case 'sliceEnded':
      return onSliceEnded(state)
  }
}

function onReady(state: LifecycleState): Step {
  if (state.phase !== 'starting') return stay(state)
  return state.leaving ? leave(state, state.leaving) : go(state, 'running')
}

function onFailed(state: LifecycleState, holdsJobs: boolean): Step {
  if (state.phase === 'starting') {
    const leaving = state.leaving === 'stop' ? 'stop' : 'failure'
    return holdsJobs ? leave(state, leaving) : close({ ...state, leaving })
  }
  return WORKING.has(state.phase) ? leave(state, 'failure') : stay(state)
}

function onVerdict(state: LifecycleState, verdict: Verdict): Step {
  const held = verdict.action === 'recycle' && verdict.heldBy.length > 0
  const hard = verdict.action === 'recycle' && verdict.urgency === 'hard' && !held
  // Memory goes on growing during the drain: there is no time left for running jobs.
  if (state.phase === 'draining' && hard && state.urgency !== 'hard') {
    return go({ ...state, urgency: 'hard' }, 'aborting', 'abortJobs')
  }
  if (!WORKING.has(state.phase)) return stay(state)
  if (hard) return leave({ ...state, urgency: 'hard' }, 'recycle', 'askPermit')
  if (state.asked) return stay(state)
  if (verdict.action !== 'recycle') {
    const { urgency: _, heldBy: __, ...calm } = state
    return go(calm, verdict.action === 'keep' ? 'running' : 'elevated')
  }
  const wanted: LifecycleState = { ...state, urgency: verdict.urgency }
  if (held) return go({ ...wanted, heldBy: 'policy' }, 'held')
  // A refused permit is asked for again by its own timer, not at every reading.
  if (state.phase === 'requested' || state.heldBy === 'permit') return stay(wanted)
  return go(wanted, 'requested', 'askPermit')
}

function onRecycle(state: LifecycleState, urgency: Urgency): Step {
  if (state.phase === 'starting') {
    return state.leaving ? stay(state) : stay({ ...state, leaving: 'recycle', urgency })
  }
  if (!WORKING.has(state.phase)) return stay(state)
  const asked: LifecycleState = { ...state, urgency, asked: true }
  if (urgency === 'hard') return leave(asked, 'recycle', 'askPermit')
  if (state.phase === 'requested' || state.heldBy === 'permit') return stay(asked)
  return go(asked, 'requested', 'askPermit')
}

/** The first request drains, the second aborts, the third closes. */
function onStopRequest(state: LifecycleState): Step {
  const { phase, stopRequests } = state
  if (phase === 'created') return go({ ...state, leaving: 'stop' }, 'exited', 'end')
  if (phase === 'starting') return stay({ ...state, leaving: 'stop' }, 'cancelStart')
  if (WORKING.has(phase)) return leave(state, 'stop')
  if (phase === 'closing') return stay(state)
  const leaving: LifecycleState =
    state.leaving === 'recycle' ? { ...state, leaving: 'stop' } : state
  if (stopRequests >= 3) return phase === 'quiescing' ? abort(leaving) : close(leaving)
  if (stopRequests === 2 && (phase === 'quiescing' || phase === 'draining')) return abort(leaving)
  return stay(leaving)
}

function onSliceEnded(state: LifecycleState): Step {
  switch (state.phase) {
    case 'quiescing':
      return go(state, 'draining', 'awaitIdle')
    case 'draining':
      return abort(state)
    case 'aborting':
      return go(state, 'handingBack', 'handBackJobs')
    case 'handingBack':
      return close(state)
    case 'closing':
      return end(state)
    case 'created':
    case 'starting':
    case 'running':
    case 'elevated':
    case 'requested':
    case 'held':
    case 'exited':
    case 'failed':
      return stay(state)
  }
}

const leave = (state: LifecycleState, leaving: Leaving, ...effects: Effect[]): Step =>
  go({ ...state, leaving }, 'quiescing', ...effects, 'stopFetching')

const abort = (state: LifecycleState): Step => go(state, 'aborting', 'abortJobs')

const close = (state: LifecycleState): Step => go(state, 'closing', 'close')

const end = (state: LifecycleState): Step =>
  go(state, state.leaving === 'failure' ? 'failed' : 'exited', 'end')

const stay = (state: LifecycleState, ...effects: Effect[]): Step => ({ state, effects })

/** The one place where a phase changes. */
function go(state: LifecycleState, phase: Phase, ...effects: Effect[]): Step {
  if (phase === state.phase) return { state, effects }
  if (!TRANSITIONS[state.phase].includes(phase)) {
    throw new RecyclerError('ILLEGAL_PHASE', `No transition from ${state.phase} to ${phase}`)
  }
  return { state: { ...state, phase }, effects: [...throttling(state.phase, phase), ...effects] }
}

/** Fewer jobs are taken from the first sign of elevated memory until it is gone. */
function throttling(from: Phase, to: Phase): readonly Effect[] {
  if (!WORKING.has(from) || !WORKING.has(to)) return []
  if (to === 'running') return ['unthrottle']
  return from === 'running' ? ['throttle'] : []
}
